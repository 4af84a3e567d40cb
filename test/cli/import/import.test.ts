import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { DocumentReport } from '../../../cli/import/report.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { temporaryFolder } from '../../fixtures/git-repository.ts';
import { run as runIn } from '../run.ts';

const fixture = (name: string) => packageFile(`test/cli/fixtures/import/${name}`);

let folder: ReturnType<typeof temporaryFolder>;
const run = (...words: string[]) => runIn(['import', ...words], { folder: folder.path });

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

interface Told {
  readonly documents: readonly DocumentReport[];
  readonly manifests: readonly { path: string | null; name: string; manifest: { spec: Spec } }[];
}

// biome-ignore lint/suspicious/noExplicitAny: each test reads the part that it is about.
type Spec = any;

async function imported(verb: string, ...names: string[]): Promise<Told & { specs: Record<string, Spec> }> {
  const { out } = await run(verb, ...names.map(fixture), '--output', 'json');
  const told = JSON.parse(out) as Told;
  const specs = Object.fromEntries(
    told.manifests.map(({ path, name, manifest }) => [path ?? name, manifest.spec]),
  );
  return { ...told, specs };
}

function fieldsOf(told: Told, kind: string): Record<string, string> {
  const document = told.documents.find((one) => one.kind === kind);
  return Object.fromEntries((document?.fields ?? []).map(({ field, outcome }) => [field, outcome]));
}

async function yaml(name: string, text: string): Promise<string> {
  const file = join(folder.path, name);
  writeFileSync(file, text);
  return file;
}

describe('import rollout', () => {
  it('brings over a canary: steps, pauses, analyses with arguments, deadlines', async () => {
    const { specs } = await imported('rollout', 'rollout.yaml');
    expect(specs['tide-tables']).toEqual({
      strategy: {
        canary: {
          steps: [
            { setMirror: { percent: 20 } },
            { pause: { duration: '90s' } },
            { setWeight: 15 },
            { pause: { duration: '45s' } },
            {
              analysis: {
                templates: [{ templateName: 'tide-errors' }],
                args: [{ name: 'service-name', value: 'tide-tables-next' }],
              },
            },
            { setWeight: 60 },
            { pause: {} },
          ],
          analysis: {
            templates: [{ templateName: 'tide-errors' }],
            args: [
              { name: 'service-name', value: 'tide-tables-next' },
              { name: 'pier', value: 'north' },
              { name: 'revision', value: '{{run.candidate}}' },
            ],
            // The third of theirs; one before it is about pods.
            startingStep: 2,
          },
        },
      },
      keepWarm: '90s',
      progressDeadline: '5m',
    });
  });

  it('brings over templates: names, conditions in CEL, limits as they are, "more than" there too', async () => {
    const { specs } = await imported('rollout', 'rollout.yaml');
    const template = specs['analyses/tide-errors.yaml'];
    expect(template.args).toEqual([
      { name: 'service-name' },
      { name: 'pier', value: 'any' },
      { name: 'revision', value: 'none' },
    ]);
    expect(template.metrics[0]).toMatchObject({
      name: 'error-share',
      interval: '20s',
      count: 6,
      failureLimit: 2,
      successCondition: 'result < 0.02',
      noData: 'fail',
    });
    expect(template.metrics[0].provider.prometheus.query).toContain(
      'service="{{args.service-name}}",pier="{{args.pier}}"',
    );
  });

  it('tells of every field, and of why', async () => {
    const told = await imported('rollout', 'rollout.yaml');
    expect(fieldsOf(told, 'Rollout')).toMatchObject({
      'spec.strategy.canary.steps[1].pause.duration': 'imported',
      'spec.strategy.canary.steps[2].setCanaryScale': 'elsewhere',
      'spec.strategy.canary.maxSurge': 'elsewhere',
      'spec.strategy.canary.analysis.args[0].name': 'changed',
      'spec.strategy.canary.analysis.startingStep': 'changed',
      'spec.template': 'elsewhere',
    });
    expect(told.documents.map(({ result }) => result)).toEqual(['remarks', 'remarks', 'ignored']);
    const unnamed = told.documents
      .flatMap(({ fields }) => fields)
      .filter(({ outcome, note }) => outcome !== 'imported' && (note ?? '') === '');
    expect(unnamed).toEqual([]);
  });

  it('loses no field in silence, not even one that nobody knows', async () => {
    const file = await yaml(
      'odd.yaml',
      'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: odd }\nspec: { strategy: { canary: { tides: high, steps: [{ setWeight: 5 }, { pause: {} }] } } }',
    );
    const { status, err } = await run('rollout', file);
    expect(status).toBe(0);
    expect(err).toMatch(/dropped +spec\.strategy\.canary\.tides {2}nothing in Switchyard does this/);
  });

  it('gives templates what they take and nothing else, and is refused where they would lack something', async () => {
    const head = 'apiVersion: argoproj.io/v1alpha1\n';
    const walk = (args: string) =>
      `${head}kind: Rollout\nmetadata: { name: r }\nspec: { strategy: { canary: { steps: [{ analysis: { templates: [{ templateName: t }], args: ${args} } }] } } }\n---\n`;
    const template = `${head}kind: AnalysisTemplate\nmetadata: { name: t }\nspec: { args: [{ name: a }], metrics: [{ name: m, successCondition: 'result > {{args.a}}', provider: { prometheus: { query: up } } }] }`;
    const whole = await yaml(
      'whole.yaml',
      walk('[{ name: a, value: "1" }, { name: b, value: "2" }]') + template,
    );
    const told = JSON.parse((await run('rollout', whole, '--output', 'json')).out) as Told;
    expect(told.manifests[0]?.manifest.spec.strategy.canary.steps[0].analysis.args).toEqual([
      { name: 'a', value: '1' },
    ]);
    const lacking = await yaml('lacking.yaml', walk('[]') + template);
    const { documents } = JSON.parse((await run('rollout', lacking, '--output', 'json')).out) as Told;
    expect(documents.map(({ refusal }) => refusal?.code)).toEqual(['ImportNotValid', undefined]);
  });

  it('brings over blue/green, dry runs and web metrics', async () => {
    const { specs } = await imported('rollout', 'blue-green.yaml');
    expect(specs['lock-gates']).toEqual({
      strategy: {
        blueGreen: {
          autoPromotion: false,
          prePromotionAnalysis: { templates: [{ templateName: 'gates-answer' }] },
          scaleDownDelay: '10m',
        },
      },
    });
    const [answers, slowest] = specs['analyses/gates-answer.yaml'].metrics;
    expect(answers).toEqual({
      name: 'answers',
      successCondition: 'result.ok && result.share >= 0.9',
      failureCondition: 'result.share < 0.5',
      provider: { web: { url: 'https://probe.example.com/gates', value: 'body.checks[0].state' } },
    });
    expect(slowest).toMatchObject({ name: 'slowest', dryRun: true });
    expect(answers.dryRun).toBeUndefined();
  });

  it.each([
    ['steps: []', { direct: {} }],
    ['steps: [{ setCanaryScale: { weight: 5 } }]', { direct: {} }],
    [
      'steps: [{ setWeight: 0 }, { pause: { duration: "2h" } }]',
      { canary: { steps: [{ setWeight: 0 }, { pause: { duration: '2h' } }] } },
    ],
    [
      'trafficRouting: { maxTrafficWeight: 1000 }, steps: [{ setWeight: 50 }, { pause: {} }]',
      { canary: { steps: [{ setWeight: 5 }, { pause: {} }] } },
    ],
    [
      'steps: [{ setWeight: 5 }, { setMirrorRoute: { name: a, percentage: 5 } }, { pause: {} }]',
      { canary: { steps: [{ setWeight: 5 }, { pause: {} }] } },
    ],
  ])('canary { %s }', async (canary, strategy) => {
    const file = await yaml(
      'r.yaml',
      `apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: r }\nspec: { strategy: { canary: { ${canary} } } }`,
    );
    const { out } = await run('rollout', file);
    expect(parse(out)).toEqual({ strategy });
  });

  it('refuses by name what has no equal, and writes nothing of that document', async () => {
    const { documents, manifests } = await imported('rollout', 'refused.yaml');
    expect(manifests).toEqual([]);
    expect(documents.map(({ refusal }) => [refusal?.code, refusal?.field])).toEqual([
      ['NoEqual', 'spec.metrics[0].provider.job'],
      ['ConditionUntranslatable', 'spec.metrics[0].successCondition'],
      ['NoEqual', 'spec.strategy.canary.steps[1].experiment'],
    ]);
    const { status, err } = await run('rollout', fixture('refused.yaml'));
    expect(status).toBe(1);
    expect(err).toContain('0 imported whole, 0 with remarks, 3 refused, 0 ignored');
    expect(err).toContain('Aggregate in the query');
  });

  it.each([
    [
      'metrics: [{ name: m, consecutiveSuccessLimit: 3, provider: { prometheus: { query: up } } }]',
      'spec.metrics[0].consecutiveSuccessLimit',
    ],
    [
      'metrics: [{ name: m, failureLimit: -1, successCondition: result > 1, provider: { prometheus: { query: up } } }]',
      'spec.metrics[0].failureLimit',
    ],
    ['metrics: [{ name: m, provider: { datadog: { query: up } } }]', 'spec.metrics[0].provider.datadog'],
    [
      'metrics: [{ name: m, provider: { prometheus: { query: up, rangeQuery: {} } } }]',
      'spec.metrics[0].provider.prometheus.rangeQuery',
    ],
    [
      'metrics: [{ name: m, provider: { web: { url: "http://a", method: POST } } }]',
      'spec.metrics[0].provider.web.method',
    ],
    [
      'metrics: [{ name: m, provider: { web: { url: "http://a", jsonPath: "{$.a[*]}" } } }]',
      'spec.metrics[0].provider.web.jsonPath',
    ],
    [
      'args: [{ name: key, valueFrom: { secretKeyRef: { name: k, key: k } } }], metrics: [{ name: m, provider: { web: { url: "http://a/?k={{ args.key }}" } } }]',
      'spec.metrics[0].provider.web.url',
    ],
    [
      'args: [{ name: n }], metrics: [{ name: m, count: "{{args.n}}", provider: { prometheus: { query: up } } }]',
      'spec.metrics[0].count',
    ],
    ['templates: [{ templateName: other }], metrics: []', 'spec.templates[0]'],
  ])('refuses a template with %s', async (spec, field) => {
    const file = await yaml(
      't.yaml',
      `apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: { name: t }\nspec: { ${spec} }`,
    );
    const { out } = await run('analysistemplate', file, '--output', 'json');
    expect((JSON.parse(out) as Told).documents[0]?.refusal).toMatchObject({ code: 'NoEqual', field });
  });

  it('puts the templates that a template is made of into it', async () => {
    const head = 'apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\n';
    const file = await yaml(
      't.yaml',
      `${head}metadata: { name: part }\nspec: { args: [{ name: a }], metrics: [{ name: m, successCondition: 'result > {{args.a}}', provider: { prometheus: { query: up } } }] }\n---\n${head}metadata: { name: whole }\nspec: { templates: [{ templateName: part }] }`,
    );
    const { out } = await run('analysistemplate', file, '--output', 'json');
    const [part, whole] = (JSON.parse(out) as Told).manifests;
    expect(whole?.manifest.spec).toEqual(part?.manifest.spec);
  });
});

describe('import canary', () => {
  it('brings over steps of weight, after a mirrored interval, up to the first that reaches maxWeight', async () => {
    const { specs } = await imported('canary', 'canary.yaml');
    expect(specs.ferry.progressDeadline).toBe('2m');
    expect(specs.ferry.strategy.canary).toEqual({
      steps: [
        { setMirror: { percent: 100 } },
        { pause: { duration: '30s' } },
        { setWeight: 20 },
        { pause: { duration: '30s' } },
        { setWeight: 40 },
        { pause: { duration: '30s' } },
        { setWeight: 60 },
        { pause: { duration: '30s' } },
        // What confirm-promotion was asked for, a human is.
        { pause: {} },
      ],
      analysis: { templates: [{ templateName: 'ferry' }] },
    });
  });

  it('fails at the same number of failures: their threshold is "so many", our limit "more than"', async () => {
    const { specs } = await imported('canary', 'canary.yaml');
    const limits = specs['analyses/ferry.yaml'].metrics.map((metric: Spec) => metric.failureLimit);
    expect(limits).toEqual([3, 3, 3]);
  });

  it('brings over metrics: percentages as shares, without rounding, and queries as they would be asked', async () => {
    const { specs } = await imported('canary', 'canary.yaml');
    const [rate, duration, queue] = specs['analyses/ferry.yaml'].metrics;
    expect(rate).toMatchObject({
      name: 'request-success-rate',
      interval: '30s',
      initialDelay: '30s',
      window: '2m',
      successCondition: 'result.candidate <= 0.001',
      noData: 'fail',
      provider: { builtin: { metric: 'errorRate' } },
    });
    expect(duration).toMatchObject({
      window: '1m',
      successCondition: 'result.candidate <= 250.0',
      provider: { builtin: { metric: 'latency', quantile: 0.99 } },
    });
    expect(queue).toMatchObject({
      name: 'queue-length',
      successCondition: 'result >= 0.0 && result <= 12.0',
      provider: {
        prometheus: {
          query: 'avg_over_time(queue_length{app="ferry",namespace="harbour",pier="north"}[{{run.window}}])',
        },
      },
    });
  });

  it('says of its MetricTemplate that it came over, and of its webhooks that they did not', async () => {
    const told = await imported('canary', 'canary.yaml');
    expect(told.documents.map(({ kind, result }) => [kind, result])).toEqual([
      ['Canary', 'remarks'],
      ['MetricTemplate', 'imported'],
    ]);
    expect(fieldsOf(told, 'Canary')).toMatchObject({
      'spec.analysis.webhooks[0].url': 'changed',
      'spec.analysis.webhooks[1].url': 'dropped',
      'spec.analysis.threshold': 'changed',
      'spec.analysis.stepWeightPromotion': 'elsewhere',
    });
  });

  it('brings over an A/B test: who matches goes to the new version, nobody else does', async () => {
    const { specs } = await imported('canary', 'ab-test.yaml');
    expect(specs.buoys.strategy.abTest).toEqual({
      arms: [
        { name: 'primary', version: 'stable', share: 100 },
        { name: 'canary', version: 'candidate', share: 0 },
      ],
      match: [
        {
          all: [
            { header: 'x-crew', equals: 'night' },
            { header: 'cookie', regex: '^(?:^(.*?;)?(berth=7)(;.*)?$)$' },
          ],
          arm: 'canary',
        },
        { all: [{ header: 'user-agent', regex: '^Harbour/2\\.' }], arm: 'canary' },
      ],
      metric: { templates: [{ templateName: 'buoys' }] },
      stopRule: 'fixed',
      duration: '10m',
    });
    expect(specs['analyses/buoys.yaml'].metrics[0]).toMatchObject({
      failureLimit: 0,
      successCondition: 'result.candidate <= 400.0',
    });
  });

  it.each([
    ['interval: 1m, iterations: 5, threshold: 2', { blueGreen: {} }],
    [
      'interval: 1m, iterations: 5, mirror: true, mirrorWeight: 20',
      { shadow: { percent: 20, duration: '5m' } },
    ],
    [
      'interval: 5s, stepWeights: [1, 10, 80]',
      {
        canary: {
          steps: [1, 10, 80].flatMap((setWeight) => [{ setWeight }, { pause: { duration: '10s' } }]),
        },
      },
    ],
  ])('analysis { %s }', async (analysis, strategy) => {
    const file = await yaml(
      'c.yaml',
      `apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: c }\nspec: { targetRef: { name: c }, analysis: { ${analysis} } }`,
    );
    const { out } = await run('canary', file);
    expect(parse(out)).toEqual({ strategy });
  });

  it('lets a version pass at once where Flagger skips the analysis', async () => {
    const file = await yaml(
      'c.yaml',
      'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: c }\nspec: { targetRef: { name: c }, skipAnalysis: true, analysis: { stepWeight: 5 } }',
    );
    expect(parse((await run('canary', file)).out)).toEqual({ strategy: { direct: {} } });
  });

  it.each([
    ['analysis: { interval: 1m }', 'SourceInvalid', 'spec.analysis'],
    ['analysis: { interval: 1m, stepWeight: 1 }', 'NoEqual', 'spec.analysis'],
    [
      'analysis: { iterations: 2, match: [{ sourceLabels: { a: b } }], metrics: [{ name: request-duration }] }',
      'NoEqual',
      'spec.analysis.match[0].sourceLabels',
    ],
    [
      'analysis: { stepWeight: 50, metrics: [{ name: m, templateRef: { name: gone } }] }',
      'NoEqual',
      'spec.analysis.metrics[0].templateRef',
    ],
    [
      'analysis: { stepWeight: 50, metrics: [{ name: m, query: "{{ if x }}" }] }',
      'NoEqual',
      'spec.analysis.metrics[0].query',
    ],
  ])('refuses %s', async (spec, code, field) => {
    const file = await yaml(
      'c.yaml',
      `apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: c }\nspec: { targetRef: { name: c }, ${spec} }`,
    );
    const { out } = await run('canary', file, '--output', 'json');
    expect((JSON.parse(out) as Told).documents[0]?.refusal).toMatchObject({ code, field });
  });
});

describe('what is imported', () => {
  it('passes the check of a registry', async () => {
    await runIn(['init', 'registry'], { folder: folder.path });
    const registry = join(folder.path, 'registry');
    const place = [
      '--environment',
      'production',
      '--version',
      '1.0.0',
      '--model',
      'bird-strike',
      '--out',
      registry,
    ];
    for (const [verb, names] of [
      ['rollout', ['rollout.yaml', 'blue-green.yaml']],
      ['canary', ['canary.yaml', 'ab-test.yaml']],
    ] as const) {
      const { status, out } = await run(verb, ...names.map(fixture), ...place);
      expect(out).toContain('→ environments/production/');
      expect(status).toBe(0);
    }
    const { out, status } = await runIn(['check', '--output', 'json'], { folder: registry });
    const { issues, resources } = JSON.parse(out) as { issues: { severity: string }[]; resources: number };
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(status).toBe(0);
    expect(resources).toBeGreaterThan(8);
    const ferry = readFileSync(join(registry, 'environments/production/ferry.yaml'), 'utf8');
    expect(ferry).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/\.switchyard\/schemas\/deployment/);
    expect(parse(ferry)).toMatchObject({
      metadata: { name: 'ferry', environment: 'production' },
      spec: { model: 'bird-strike', version: '1.0.0' },
    });
  });

  it('is printed without the report, so that it can be piped', async () => {
    const { out, err } = await run('canary', fixture('canary.yaml'));
    expect(parseAllDocuments(out).map((document) => document.errors)).toEqual([[], []]);
    expect(err).toContain('0 imported whole'.replace('0', '1'));
  });

  it('never overwrites without --force, and then writes nothing at all', async () => {
    const words = ['analysistemplate', fixture('blue-green.yaml'), fixture('rollout.yaml'), '--out', 'r'];
    expect((await run(...words)).status).toBe(0);
    // What says the same is left as it is.
    expect((await run(...words)).status).toBe(0);
    const kept = join(folder.path, 'r/analyses/tide-errors.yaml');
    writeFileSync(kept, 'mine\n');
    const { status, err } = await run(...words);
    expect(status).toBe(1);
    expect(err).toContain('FileExists');
    expect(readFileSync(kept, 'utf8')).toBe('mine\n');
    expect((await run(...words, '--force')).status).toBe(0);
    expect(readFileSync(kept, 'utf8')).toContain('tide-errors');
  });

  it('asks where a walk goes before it writes one', async () => {
    const { status, err } = await run('rollout', fixture('rollout.yaml'), '--out', '.');
    expect(status).toBe(2);
    expect(err).toContain('--environment NAME and --version VERSION');
    expect((await run('rollout', fixture('rollout.yaml'), '--environment', 'dev')).status).toBe(2);
  });

  it('is refused where two documents come to one name and differ', async () => {
    const text = (query: string) =>
      `apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: { name: t }\nspec: { metrics: [{ name: m, successCondition: result > 1, provider: { prometheus: { query: ${query} } } }] }\n---\n`;
    const file = await yaml('t.yaml', text('up') + text('up') + text('down'));
    const { out, status } = await run('analysistemplate', file, '--output', 'json');
    expect(status).toBe(1);
    expect((JSON.parse(out) as Told).documents.map(({ refusal }) => refusal?.code)).toEqual([
      undefined,
      undefined,
      'NameTaken',
    ]);
  });

  it('is completed: the verb, then files as many as there are', async () => {
    const completed = async (...words: string[]) =>
      (await runIn(['__complete', '--', 'import', ...words], { folder: folder.path })).out;
    expect(await completed('can')).toMatch(/^canary/);
    expect(await completed('rollout', '')).toContain(':files');
    expect(await completed('rollout', 'one.yaml', '')).toContain(':files');
    expect(await completed('rollout', '--out', '')).toContain(':files');
    expect(await completed('canary', '--f')).toContain('--force');
  });

  it('is never guessed from what cannot be read', async () => {
    const broken = await yaml(
      'broken.yaml',
      'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {{ .Values }}\n a',
    );
    const { status, err } = await run('rollout', broken);
    expect(status).toBe(1);
    expect(err).toContain('SourceInvalid');
    expect((await run('rollout', join(folder.path, 'gone.yaml'))).err).toContain('FileUnreadable');
    const service = await yaml('service.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: s }');
    const none = await run('rollout', service);
    expect(none.err).toContain('NothingToImport');
    expect(none.status).toBe(4);
  });
});
