import { describe, expect, it } from 'vitest';
import { examineFile } from './examine-file.ts';
import { deployment, environment, model, version } from './small-registry.ts';

/** `line:column Code pointer: message (hint)` of each issue. */
function told(content: string, path?: string): string[] {
  return examineFile(content, path).map(
    ({ line, column, code, pointer, message, hint }) =>
      `${line}:${column} ${code} ${pointer}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

const deploymentPath = 'environments/dev/fraud.yaml';
const withStrategy = (strategy: string) =>
  told(deployment('fraud', 'dev', `model: fraud, version: 1.0.0, strategy: ${strategy}`), deploymentPath);

describe('a field', () => {
  it('that is not known is told at its key, with what was probably meant', () => {
    expect(told(model('fraud', 'tsak: regression'))).toEqual([
      '6:3 UnknownField /spec/tsak: `tsak` is not a field of `spec` (Did you mean `task`?)',
    ]);
  });

  it('that belongs into another part of the manifest is told where', () => {
    expect(told(model('fraud').replace('metadata:', 'task: regression\nmetadata:'))).toEqual([
      '3:1 UnknownField /task: `task` is not a field of a Model (It belongs into `spec`.)',
    ]);
    expect(told(model('fraud', 'task: regression\n  labels: { a: b }'))).toEqual([
      '7:3 UnknownField /spec/labels: `labels` is not a field of `spec` (It belongs into `metadata`.)',
    ]);
  });

  it('that is missing is told with what it is for and an example', () => {
    expect(told(deployment('fraud', 'dev', 'version: 1.0.0'), deploymentPath)).toEqual([
      '4:1 MissingField /spec/model: `model` is missing (The model that answers. For example: `fraud`.)',
    ]);
  });

  it('of the wrong type is told in plain words', () => {
    expect(told(model('fraud', 'task: regression\n  owner: { team: risk }'))).toEqual([
      '7:10 WrongType /spec/owner: must be text, and is a map of fields (Who answers for it. For example: `team-risk`.)',
    ]);
    expect(told(model('fraud', 'task: regression\n  owner: 12'))).toEqual([
      '7:10 WrongType /spec/owner: must be text, and is a whole number (Write it in quotes.)',
    ]);
    expect(told(model('fraud', 'task: regression\n  features: none'))).toEqual([
      '7:13 WrongType /spec/features: must be a list, and is text',
    ]);
  });

  it('with a value that is not among the known ones is told with the one that was meant', () => {
    expect(told(model('fraud', 'task: regresion'))).toEqual([
      '6:9 UnknownValue /spec/task: `regresion` is not a value that may stand here (Did you mean `regression`?)',
    ]);
  });

  it('out of its range or form is told without its value', () => {
    const issues = told(
      deployment('fraud', 'dev', 'model: fraud, version: hunter2, replicas: 12'),
      deploymentPath,
    );
    expect(issues).toEqual([
      '4:32 InvalidValue /spec/version: does not have the form that this field asks for (A version. For example: `1.2.0`.)',
      '4:51 InvalidValue /spec/replicas: must be at most 9',
    ]);
  });

  it('in a list is told at its entry', () => {
    expect(
      told(model('fraud', 'task: regression\n  features:\n    - name: age\n    - nmae: income')),
    ).toEqual([
      '9:7 UnknownField /spec/features/1/nmae: `nmae` is not a field of an entry of `features` (Did you mean `name`?)',
    ]);
  });

  it('that has one of several forms is judged by the form that it comes nearest to', () => {
    expect(withStrategy('{ canary: { steps: [{ setWeight: 10 }, { pause: { duraton: 5m } }] } }')).toEqual([
      '4:99 UnknownField /spec/strategy/canary/steps/1/pause/duraton: `duraton` is not a field of `pause` (Did you mean `duration`?)',
    ]);
    expect(withStrategy('{ canary: { steps: [{ setWeight: 120 }] } }')).toEqual([
      '4:82 InvalidValue /spec/strategy/canary/steps/0/setWeight: must be at most 100',
    ]);
  });

  it('that has none of its forms is told which there are', () => {
    expect(withStrategy('{ canry: { steps: [] } }')).toEqual([
      '4:51 UnknownField /spec/strategy/canry: `canry` is not one of `direct` or `canary` (Did you mean `canary`?)',
    ]);
    expect(withStrategy('{}')).toEqual([
      '4:49 MissingField /spec/strategy: needs one of `direct` or `canary`',
    ]);
    expect(withStrategy('{ direct: {}, canary: { steps: [] } }')).toEqual([
      '4:49 AmbiguousValue /spec/strategy: has `direct` and `canary`, and may have only one of them',
    ]);
    expect(withStrategy('canary')).toEqual([
      '4:49 WrongType /spec/strategy: must be a map of fields, and is text',
    ]);
  });

  it('is told twenty times at most', () => {
    const fields = Array.from({ length: 500 }, (_, index) => `  wrong${index}: 1`).join('\n');
    const issues = told(model('fraud', `task: regression\n${fields}`));
    expect(issues).toHaveLength(21);
    expect(issues).toContain('1:1 AndMore : and 480 more');
  });
});

describe('the envelope', () => {
  it('names the kinds there are where one is not known', () => {
    expect(told(model('fraud').replace('kind: Model', 'kind: Modle'))).toEqual([
      '2:7 UnknownKind /kind: no plugin knows the kind `Modle` (Did you mean `Model`?)',
    ]);
    expect(told(model('fraud').replace('kind: Model', 'kind: Pipeline'))).toEqual([
      '2:7 UnknownKind /kind: no plugin knows the kind `Pipeline` (There are: `Deployment`, `Environment`, `Model`, `ModelVersion`.)',
    ]);
  });

  it('asks for the version of the language', () => {
    expect(told(model('fraud').replace('switchyard/v1', 'switchyard/v2'))).toEqual([
      expect.stringContaining('1:13 UnknownApiVersion /apiVersion: `switchyard/v2` is not a version'),
    ]);
    expect(told(model('fraud').replace('apiVersion: switchyard/v1\n', ''))).toEqual([
      '1:1 MissingField /apiVersion: `apiVersion` is missing (Add `apiVersion: switchyard/v1`.)',
    ]);
  });

  it.each(['Fraud', 'fraud_model', '-fraud', 'fraud.', 'a'.repeat(254), '"fra ud"', '"../fraud"', 'früh'])(
    'refuses the name %s',
    (name) => {
      expect(told(model(name))[0]).toMatch(/^4:9 InvalidName \/metadata\/name: /);
    },
  );

  it.each(['fraud', '1.0.0-rc.1', 'a', 'a'.repeat(253)])('accepts the name %s', (name) => {
    expect(examineFile(model(name), 'models/other/place.yaml')).toEqual([]);
  });

  it('wants a name in quotes that looks like a number', () => {
    expect(told(model('2024'))).toEqual([
      '4:9 WrongType /metadata/name: `name` must be text (Write it in quotes.)',
    ]);
  });

  it('asks for the field that scopes the name, and refuses it where there is none', () => {
    expect(
      told(
        deployment('fraud', 'dev', 'model: fraud, version: 1.0.0').replace(', environment: dev', ''),
        deploymentPath,
      )[0],
    ).toMatch(
      /^3:1 MissingField \/metadata\/environment: `environment` is missing: the name is unique in it/,
    );
    expect(
      told(
        environment('dev').replace('name: dev', 'name: dev, environment: dev'),
        'environments/dev/environment.yaml',
      ),
    ).toEqual([
      '3:24 UnknownField /metadata/environment: an Environment has no `environment` (Remove the line.)',
    ]);
  });

  it('warns where the path says something else', () => {
    const issues = examineFile(
      deployment('fraud', 'production', 'model: fraud, version: 1.0.0'),
      deploymentPath,
    );
    expect(issues).toMatchObject([
      {
        code: 'MisplacedManifest',
        severity: 'warning',
        pointer: '/metadata/environment',
        line: 3,
        column: 39,
        message: 'the path says that the environment is `dev`',
        ref: 'Deployment/production/fraud',
      },
    ]);
    expect(examineFile(version('fraud', '1.0.0'), 'models/churn/versions/1.0.0.yaml')).toMatchObject([
      { code: 'MisplacedManifest', pointer: '/metadata/model' },
    ]);
  });
});

describe('a document that is none of ours', () => {
  const kubernetes = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n';

  it.each([
    ['of Kubernetes', kubernetes, 'deploy/web.yaml'],
    ['without a version', 'services: { web: {} }\n', 'docker-compose.yaml'],
    ['that is a list', '- a\n- b\n', 'lists/a.yaml'],
    ['that is broken', '{{ .Values.name }}: [\n', 'chart/templates/a.yaml'],
    ['that is text', 'just text\n', 'notes.yml'],
  ])('is not looked at: one %s', (_what, content, path) => {
    expect(examineFile(content, path)).toEqual([]);
  });

  it('is told among manifests, where it would hide one', () => {
    expect(told(kubernetes, deploymentPath)[0]).toMatch(/^1:13 UnknownApiVersion/);
    expect(told('- a\n', 'models/fraud/model.yaml')[0]).toMatch(/^1:1 NotAManifest/);
    expect(told('a: b\n', 'models/fraud/model.yaml')[0]).toMatch(/^1:1 MissingField \/apiVersion/);
  });

  it('is one of ours with a slip in its version, and with a kind that we know and no version', () => {
    expect(told(model('fraud').replace('switchyard', 'swichyard'), 'anywhere.yaml')[0]).toMatch(
      /UnknownApiVersion/,
    );
    expect(
      told('kind: Model\nmetadata: { name: a }\nspec: { task: regression }\n', 'anywhere.yaml')[0],
    ).toMatch(/^1:1 MissingField \/apiVersion/);
  });

  it('is one of ours where it is broken and speaks of Switchyard', () => {
    const [issue] = examineFile(`${model('fraud')}  owner: [\n`, 'anywhere.yaml');
    expect(issue).toMatchObject({ code: 'InvalidYaml', ref: 'Model/fraud' });
  });
});
