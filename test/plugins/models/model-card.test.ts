import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../core/plugin.ts';
import { modelKind } from '../../../plugins/models/model.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';

const tensor = { name: 'x', datatype: 'FP32' as const, shape: [-1, 1] };
const spec: ModelSpec = {
  task: 'tabular-classification',
  description: 'Will a bird strike damage the aircraft?',
  owners: ['safety'],
  signature: { inputs: [tensor], outputs: [{ ...tensor, name: 'y' }] },
};
const path = 'models/bird-strike/card.md';
const sections = '## Intended use\n\n## Limitations\n\n## Training data\n\n## Evaluation\n';
const head = 'license: apache-2.0\npipeline_tag: tabular-classification\n';

/** The findings on a model whose card has this text; no text, no card. */
function findingsOf(text?: string, more: Partial<ModelSpec> = {}): readonly Finding[] {
  const attachments = text === undefined ? [] : [{ path, blob: 'b1', size: text.length, text }];
  const model = manifestOf(modelKind, { name: 'bird-strike' }, { ...spec, ...more }, { attachments });
  return modelKind.validate?.(model, relatedTo(modelKind, model, [model])) ?? [];
}

const card = (matter: string, body = sections) => `---\n${matter}---\n${body}`;

describe('a model card', () => {
  it('is asked for with its text: card.md beside the manifest, unless the manifest names another', () => {
    const plain = manifestOf(modelKind, { name: 'bird-strike' }, spec);
    expect(modelKind.attachments?.(plain)).toEqual([
      { path, pointer: '/spec/card', read: true, optional: true },
    ]);
    const named = manifestOf(modelKind, { name: 'bird-strike' }, { ...spec, card: '../cards/b.md' });
    expect(modelKind.attachments?.(named)).toEqual([
      { path: 'models/cards/b.md', pointer: '/spec/card', read: true },
    ]);
  });

  it('must lie in the registry', () => {
    expect(findingsOf(undefined, { card: '../../../card.md' })).toMatchObject([{ code: 'InvalidPath' }]);
  });

  it('is missed with a warning', () => {
    expect(findingsOf()).toMatchObject([{ code: 'MissingCard', severity: 'warning', pointer: '/spec' }]);
  });

  it('is fine with front matter that fits and the sections that readers need', () => {
    const full =
      'license: apache-2.0\nlanguage: [en]\ntags: [birds]\ndatasets: [bird-strikes]\nmetrics: [roc_auc]\n' +
      'pipeline_tag: tabular-classification\nanything-else: { of: [the, hub] }\n' +
      'model-index:\n  - name: bird-strike\n    results:\n      - task: { type: tabular-classification }\n' +
      '        dataset: { type: bird-strikes, name: Bird strikes }\n        metrics: [{ type: roc_auc, value: 0.81 }]\n';
    expect(findingsOf(card(full))).toEqual([]);
    expect(findingsOf(`\uFEFF${card(full).replaceAll('\n', '\r\n')}`)).toEqual([]);
  });

  it.each([
    ['no front matter', '# Bird strike\n', '1: it does not begin with a line of three dashes'],
    [
      'front matter without an end',
      '---\nlicense: mit\n',
      '1: its front matter is never closed by a line of three dashes',
    ],
    ['a list for front matter', '---\n- a\n---\n', '2: its front matter is no mapping of fields'],
    ['no fields', '---\n---\n', '2: its front matter is no mapping of fields'],
    ['broken YAML', '---\nlicense: mit\ntags: [a\n---\n', /^3: its front matter is no YAML: /],
    ['an alias', '---\na: &a [1]\nb: *a\n---\n', '3: its front matter uses an alias'],
    ['an unknown tag', '---\na: !python/object x\n---\n', /^2: its front matter is no YAML: /],
    [
      'a field twice',
      '---\nlicense: mit\na: 1\nlicense: bsd\n---\n',
      '4: its front matter says "license" twice',
    ],
    ['deep nesting', `---\na: ${'['.repeat(30_000)}\n---\n`, '1: its front matter nests more than 32 levels'],
    [
      'deep compact lists',
      `---\n${'- '.repeat(20_000)}a\n---\n`,
      '1: its front matter nests more than 32 levels',
    ],
    ['a flood', `---\na: ${'x'.repeat(70_000)}\n---\n`, '1: its front matter is over 65536 bytes'],
  ])('is refused with %s, by line', (_, text, problem) => {
    const findings = findingsOf(text);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ code: 'InvalidCard', pointer: '/spec/card' });
    const message = findings[0]?.message.replace(`${path}:`, '');
    if (typeof problem === 'string') expect(message).toBe(problem);
    else expect(message).toMatch(problem);
  });

  it('must name the same task as the manifest', () => {
    expect(findingsOf(card('license: mit\npipeline_tag: text-generation\n'))).toMatchObject([
      {
        code: 'CardMismatch',
        message: `${path}:3: the card's pipeline_tag is text-generation, the manifest's task tabular-classification`,
      },
    ]);
  });

  it.each([
    ['license: 7\n', `${path}:2: license must be a text or a list of texts`],
    ['license: mit\ntags: birds\n', `${path}:3: tags must be a list of texts`],
    ['license: mit\ndatasets: [1]\n', `${path}:3: datasets must be a list of texts`],
    ['license: mit\nlanguage: { a: b }\n', `${path}:3: language must be a text or a list of texts`],
    ['license: mit\nmodel-index: x\n', `${path}:3: model-index must be a list`],
    ['license: mit\nmodel-index: [{}]\n', `${path}:3: model-index[0] needs a name`],
    ['license: mit\nmodel-index: [{ name: a }]\n', `${path}:3: model-index[0].results must be a list`],
    [
      'license: mit\nmodel-index: [{ name: a, results: [{ task: {} }] }]\n',
      `${path}:3: model-index[0].results[0].task needs a type`,
    ],
    [
      'license: mit\nmodel-index: [{ name: a, results: [{ task: { type: t }, dataset: { name: d } }] }]\n',
      `${path}:3: model-index[0].results[0].dataset needs a name and a type`,
    ],
    [
      'license: mit\nmodel-index: [{ name: a, results: [{ task: { type: t }, dataset: { name: d, type: d }, metrics: [{ type: auc }] }] }]\n',
      `${path}:3: model-index[0].results[0].metrics[0] needs a value`,
    ],
    [
      'license: mit\nmodel-index: [{ name: a, results: [{ task: { type: t }, dataset: { name: d, type: d }, metrics: [{ type: auc, value: .inf }] }] }]\n',
      `${path}:3: model-index[0].results[0].metrics[0].value must be a finite number`,
    ],
  ])('says in words what is wrong with %j', (matter, message) => {
    const errors = findingsOf(card(`${matter}pipeline_tag: tabular-classification\n`)).filter(
      ({ severity }) => severity !== 'warning',
    );
    expect(errors.map((finding) => finding.message)).toEqual([message]);
  });

  it('warns of what readers will miss: license, pipeline_tag and sections', () => {
    const findings = findingsOf(card('tags: [birds]\n', '# Bird strike\n```\n# Limitations\n```\n'));
    expect(findings.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(findings.map(({ message }) => message)).toEqual([
      `${path} names no license`,
      `${path} names no pipeline_tag`,
      `${path} has no section on intended use`,
      `${path} has no section on limitations`,
      `${path} has no section on training data`,
      `${path} has no section on evaluation`,
    ]);
  });

  it('knows the headings of the hub', () => {
    const hub =
      '# Uses\n## Out-of-Scope Use\n# Bias, Risks, and Limitations\n# Training Details\n### Results\n';
    expect(findingsOf(card(head, hub))).toEqual([]);
  });

  it('asks for no pipeline_tag where the task is none of the hub', () => {
    expect(findingsOf(card('license: mit\n'), { task: 'other' })).toEqual([]);
  });

  it('that the kernel could not find or read is told by the kernel alone', () => {
    expect(findingsOf(undefined, { card: 'card.md' })).toEqual([]);
    const model = manifestOf(modelKind, { name: 'bird-strike' }, spec, {
      attachments: [{ path, blob: 'b1', size: 300_000 }],
    });
    expect(modelKind.validate?.(model, relatedTo(modelKind, model, [model]))).toEqual([]);
  });
});
