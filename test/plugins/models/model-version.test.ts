import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Attachment, Finding, Resource } from '../../../core/plugin.ts';
import { datasetKind } from '../../../plugins/models/dataset.ts';
import { modelKind } from '../../../plugins/models/model.ts';
import { modelVersionKind } from '../../../plugins/models/model-version.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';

const speed = { name: 'speed', datatype: 'FP32' as const, shape: [-1, 1] };
const height = { name: 'height', datatype: 'FP32' as const, shape: [-1, 1] };
const probability = { name: 'probability', datatype: 'FP32' as const, shape: [-1, 1] };
const signature: ModelVersionSpec['signature'] = { inputs: [speed, height], outputs: [probability] };
const digest = `sha256:${createHash('sha256').update('model').digest('hex')}`;

const model = (more: Partial<ModelSpec> = {}) =>
  manifestOf<ModelSpec>(
    modelKind,
    { name: 'bird-strike' },
    {
      task: 'tabular-classification',
      description: 'Will a bird strike damage the aircraft?',
      owners: ['safety'],
      signature,
      ...more,
    },
  );

const dataset = manifestOf(
  datasetKind,
  { name: 'bird-strikes' },
  {
    description: 'Bird strikes.',
    versions: [{ version: '1990', uri: 'https://example.com/1990.csv', digest, rows: 5, size: 5 }],
    columns: [{ name: 'speed', type: 'number' as const }],
  },
);

function version(
  name: string,
  more: Partial<ModelVersionSpec> = {},
  attachments: readonly Attachment[] = [],
): Resource<ModelVersionSpec> {
  return manifestOf(
    modelVersionKind,
    { name, model: 'bird-strike' },
    { artifact: { uri: `https://example.com/${name}.onnx`, digest, size: 5 }, signature, ...more },
    { attachments },
  );
}

function findingsOf(one: Resource<ModelVersionSpec>, others: readonly Resource[]): readonly Finding[] {
  const all = [one, ...others];
  return modelVersionKind.validate?.(one, relatedTo(modelVersionKind, one, all)) ?? [];
}

const messagesOf = (one: Resource<ModelVersionSpec>, others: readonly Resource[] = []) =>
  findingsOf(one, others).map(({ message }) => message);

describe('the number of a version', () => {
  const typeChanged = { inputs: [{ ...speed, datatype: 'INT64' as const }, height], outputs: [probability] };
  const outputAdded = { inputs: [speed, height], outputs: [probability, { ...probability, name: 'label' }] };

  it('may grow by a patch while the signature stays', () => {
    expect(findingsOf(version('1.2.1'), [version('1.2.0')])).toEqual([]);
  });

  it('must grow by a major when an input changes its type, and the finding says which and why', () => {
    const next = version('1.3.0', { signature: typeChanged });
    expect(findingsOf(next, [version('1.2.0')])).toEqual([
      {
        code: 'BreakingChange',
        pointer: '/spec/signature/inputs/0',
        message: 'input "speed" changed FP32 → INT64 since 1.2.0: this asks for 2.0.0 or higher, not 1.3.0',
        hint: expect.stringContaining('Name this version 2.0.0'),
      },
    ]);
    expect(findingsOf(version('2.0.0', { signature: typeChanged }), [version('1.2.0')])).toEqual([]);
  });

  it('must grow by a minor when an output is added', () => {
    const next = version('1.2.1', { signature: outputAdded });
    expect(findingsOf(next, [version('1.2.0')])).toMatchObject([
      {
        code: 'AdditiveChange',
        pointer: '/spec/signature/outputs/1',
        message: 'output "label" (FP32) is new since 1.2.0: this asks for 1.3.0 or higher, not 1.2.1',
      },
    ]);
    expect(findingsOf(version('1.3.0', { signature: outputAdded }), [version('1.2.0')])).toEqual([]);
  });

  it('points to the side where a removed tensor is missed', () => {
    const next = version('1.3.0', { signature: { inputs: [speed], outputs: [probability] } });
    expect(findingsOf(next, [version('1.2.0')])).toMatchObject([{ pointer: '/spec/signature/inputs' }]);
  });

  it('is judged by the parents where there are some, and by the newest lower version of the line where not', () => {
    const old = version('1.0.0', { signature: typeChanged });
    const newer = version('1.1.0');
    const wide = model({ lines: ['main', 'eu'] });
    const next = (more: Partial<ModelVersionSpec>) => messagesOf(version('1.2.0', more), [old, newer, wide]);
    expect(next({ parents: ['1.0.0'] })).toEqual([
      'input "speed" changed INT64 → FP32 since 1.0.0: this asks for 2.0.0 or higher, not 1.2.0',
    ]);
    expect(next({})).toEqual([]);
    expect(next({ line: 'eu' })).toEqual([]);
  });

  it('is judged by both parents of a merge', () => {
    const one = version('1.0.0', { signature: typeChanged });
    const other = version('1.1.0', { signature: outputAdded });
    expect(messagesOf(version('1.2.0', { parents: ['1.0.0', '1.1.0'] }), [one, other])).toEqual([
      'input "speed" changed INT64 → FP32 since 1.0.0: this asks for 2.0.0 or higher, not 1.2.0',
      'output "label" is gone since 1.1.0: this asks for 2.0.0 or higher, not 1.2.0',
    ]);
  });

  it('leaves pre-releases free: they promise nothing, but announce their own number', () => {
    const candidate = version('2.0.0-rc.1', { signature: typeChanged });
    expect(findingsOf(candidate, [version('1.0.0')])).toEqual([]);
    expect(findingsOf(version('2.0.0'), [candidate, version('1.0.0')])).toEqual([]);
    expect(findingsOf(version('1.0.1-rc.1', { signature: typeChanged }), [version('1.0.0')])).toHaveLength(1);
  });

  it('counts breaks in the minor before 1.0.0', () => {
    expect(findingsOf(version('0.3.0', { signature: typeChanged }), [version('0.2.0')])).toEqual([]);
    expect(messagesOf(version('0.2.1', { signature: typeChanged }), [version('0.2.0')])).toEqual([
      'input "speed" changed FP32 → INT64 since 0.2.0: this asks for 0.3.0 or higher, not 0.2.1',
    ]);
  });
});

describe('the parents of a version', () => {
  it('must be lower, so that no circle is possible', () => {
    expect(findingsOf(version('1.0.0', { parents: ['1.1.0'] }), [version('1.1.0')])).toMatchObject([
      {
        code: 'ParentNotLower',
        pointer: '/spec/parents/0',
        message: 'the parent 1.1.0 is not lower than 1.0.0',
      },
    ]);
    expect(messagesOf(version('1.0.0', { parents: ['1.0.0'] }))).toEqual(['1.0.0 cannot be its own parent']);
  });

  it('are referred to, so that a missing one is an error at its line', () => {
    const references = modelVersionKind.references?.(version('1.1.0', { parents: ['1.0.0'] }));
    expect(references).toContainEqual({
      to: 'ModelVersion/bird-strike/1.0.0',
      pointer: '/spec/parents/0',
      wakes: false,
    });
  });
});

describe("the model's signature", () => {
  const other = { inputs: [speed], outputs: [probability] };
  const label = { ...probability, name: 'label' };
  const wider = { inputs: [speed, height], outputs: [probability, label] };

  function contractOf(declared: ModelSpec['signature'], ...versions: Resource[]): readonly Finding[] {
    const resource = model({ signature: declared });
    const related = relatedTo(modelKind, resource, [resource, ...versions]);
    return (modelKind.validate?.(resource, related) ?? []).filter(({ severity }) => severity !== 'warning');
  }

  it('is that of the newest version', () => {
    expect(contractOf(signature, version('1.10.0'), version('1.9.0', { signature: other }))).toMatchObject([
      { message: expect.stringContaining('from the signature of 1.9.0 to this one') },
    ]);
    expect(contractOf(signature, version('1.0.0'), version('1.1.0'))).toEqual([]);
    expect(contractOf(signature)).toEqual([]);
    expect(contractOf(other, version('1.1.0'))).toEqual([
      {
        code: 'ContractMismatch',
        pointer: '/spec/signature/inputs',
        message: 'from this signature to that of 1.1.0, the newest version, input "height" (FP32) is new',
        hint: expect.stringContaining('models/bird-strike/versions/1.1.0.yaml'),
      },
    ]);
    expect(contractOf(signature, version('1.1.0', { signature: wider }))).toMatchObject([
      { code: 'ContractMismatch', message: expect.stringContaining('output "label" (FP32) is new') },
    ]);
  });

  it('may have more outputs than an older version of the newest major, but must not break it', () => {
    const newest = version('1.1.0', { signature: wider });
    expect(contractOf(wider, newest, version('1.0.0'))).toEqual([]);
    const broken = { inputs: [speed], outputs: [probability, label] };
    const messages = contractOf(broken, newest, version('1.0.0')).map(({ message }) => message);
    expect(messages).toContain('from the signature of 1.0.0 to this one, input "height" is gone');
  });

  it('is not held to older majors and pre-releases', () => {
    const versions = [
      version('2.0.0', { signature: other }),
      version('1.0.0'),
      version('3.0.0-rc.1', { signature: wider }),
    ];
    expect(contractOf(other, ...versions)).toEqual([]);
  });
});

describe('the golden examples of a version', () => {
  const tensor = (name: string, data: (number | string | boolean)[] = [1]) => ({
    name,
    datatype: 'FP32' as const,
    shape: [1, 1],
    data,
  });
  const example = (more: object = {}) => ({
    name: 'one',
    inputs: [tensor('speed'), tensor('height')],
    outputs: [tensor('probability')],
    ...more,
  });
  const problems = (...examples: ReturnType<typeof example>[]) => messagesOf(version('1.0.0', { examples }));

  it('fit the signature', () => {
    expect(problems(example())).toEqual([]);
  });

  it.each([
    ['an input is missing', { inputs: [tensor('speed')] }, 'the example "one" lacks the input "height"'],
    [
      'a tensor is unknown',
      { outputs: [tensor('colour')] },
      'the output "colour" of the example "one" is no output of the signature',
    ],
    [
      'a tensor stands twice',
      { outputs: [tensor('probability'), tensor('probability')] },
      'the output "probability" of the example "one" stands twice',
    ],
    [
      'a datatype differs',
      { outputs: [{ ...tensor('probability'), datatype: 'FP64' as const }] },
      'the output "probability" of the example "one" is FP64, not FP32',
    ],
    [
      'a shape does not fit',
      { outputs: [{ ...tensor('probability'), shape: [1, 2], data: [1, 2] }] },
      'the output "probability" of the example "one" has the shape [1, 2], which does not fit [-1, 1]',
    ],
    [
      'the rank does not fit',
      { outputs: [{ ...tensor('probability'), shape: [1] }] },
      'the output "probability" of the example "one" has the shape [1], which does not fit [-1, 1]',
    ],
    [
      'there are too few elements',
      { outputs: [{ ...tensor('probability'), shape: [2, 1] }] },
      'the output "probability" of the example "one" has 1 elements, but its shape holds 2',
    ],
    [
      'an element has another type',
      { outputs: [tensor('probability', ['high'])] },
      'the output "probability" of the example "one" holds "high", which is no FP32',
    ],
  ])('are refused when %s', (_, more, message) => {
    expect(problems(example(more))).toEqual([message]);
  });

  it('have names of their own', () => {
    expect(problems(example(), example())).toEqual(['two examples are called "one"']);
  });

  it.each([
    ['UINT8', 256],
    ['INT8', -129],
    ['INT32', 1.5],
    ['INT64', 2 ** 60],
    ['BOOL', 1],
    ['BYTES', 1],
  ] as const)('hold elements that are possible: %s cannot be %d', (datatype, element) => {
    const own = { inputs: [{ ...speed, datatype }], outputs: [probability] };
    const examples = [example({ inputs: [{ ...tensor('speed', [element]), datatype }] })];
    expect(messagesOf(version('1.0.0', { signature: own, examples }))).toEqual([
      `the input "speed" of the example "one" holds ${element}, which is no ${datatype}`,
    ]);
  });
});

describe('a version', () => {
  it('continues a line that its model has', () => {
    expect(findingsOf(version('1.0.0', { line: 'eu' }), [model({ lines: ['main', 'eu'] })])).toEqual([]);
    expect(findingsOf(version('1.0.0', { line: 'eu' }), [model()])).toMatchObject([
      { code: 'UnknownLine', pointer: '/spec/line', message: 'bird-strike has no line "eu": it has main' },
    ]);
  });

  it('names dataset versions that exist, for training and for measuring', () => {
    const lineage = { dataset: { name: 'bird-strikes', version: '1990' } };
    const metrics = [{ name: 'auc', value: 0.8, dataset: 'bird-strikes@1990' }];
    expect(findingsOf(version('1.0.0', { lineage, metrics }), [dataset])).toEqual([]);
    const wrong = version('1.0.0', {
      lineage: { dataset: { name: 'bird-strikes', version: '1991' } },
      metrics: [{ name: 'auc', value: 0.8, dataset: 'bird-strikes@1992' }],
    });
    expect(findingsOf(wrong, [dataset])).toMatchObject([
      {
        code: 'UnknownDatasetVersion',
        pointer: '/spec/lineage/dataset/version',
        message: 'the dataset bird-strikes has no version "1991": it has 1990',
      },
      { code: 'UnknownDatasetVersion', pointer: '/spec/metrics/0/dataset' },
    ]);
  });

  it('writes the lower bound of an interval first', () => {
    const metrics = [{ name: 'auc', value: 0.8, interval: [0.9, 0.7] }];
    expect(findingsOf(version('1.0.0', { metrics }), [])).toMatchObject([{ code: 'InvalidInterval' }]);
  });

  it('names each value of a row once, and each class', () => {
    const matrix = { name: 'x', datatype: 'FP32', shape: [-1, 2] };
    const label = { name: 'label', datatype: 'INT64', shape: [-1, 1], classes: ['no', 'yes', 'perhaps'] };
    const each = { name: 'probabilities', datatype: 'FP32', shape: [-1, 2], classes: ['no', 'yes'] };
    const findings = (inputs: readonly object[], outputs: readonly object[]) =>
      findingsOf(version('1.0.0', { signature: { inputs, outputs } as never }), []).map(
        ({ code, pointer }) => `${code} ${pointer}`,
      );
    expect(findings([{ ...matrix, columns: ['a', 'b'] }], [label, each])).toEqual([]);
    expect(findings([{ ...matrix, columns: ['a'] }], [label])).toEqual([
      'InvalidColumns /spec/signature/inputs/0/columns',
    ]);
    expect(findings([{ ...matrix, shape: [-1, -1], columns: ['a'] }], [label])).toEqual([
      'InvalidColumns /spec/signature/inputs/0/columns',
    ]);
    expect(findings([{ ...matrix, columns: ['speed', 'b'] }, speed], [label])).toEqual([
      'InvalidColumns /spec/signature/inputs/1/name',
    ]);
    expect(
      findings(
        [speed],
        [
          { ...each, shape: [-1, 1] },
          { ...label, shape: [-1, 3] },
        ],
      ),
    ).toEqual([
      'InvalidClasses /spec/signature/outputs/0/classes',
      'InvalidClasses /spec/signature/outputs/1/classes',
    ]);
  });

  it('names no tensor twice', () => {
    const twice = { inputs: [speed, speed], outputs: [probability] };
    expect(findingsOf(version('1.0.0', { signature: twice }), [])).toMatchObject([
      { code: 'DuplicateTensor', pointer: '/spec/signature/inputs/1/name' },
    ]);
  });
});

describe('the artifact of a version', () => {
  const at = (uri: string, size = 5, attachments: readonly Attachment[] = []) =>
    version('1.0.0', { artifact: { uri, digest, size } }, attachments);

  it.each([
    ['file:1.0.0.onnx', 'models/bird-strike/versions/1.0.0.onnx'],
    ['file:./1.0.0.onnx', 'models/bird-strike/versions/1.0.0.onnx'],
    ['file:../artifacts/1.0.0.onnx', 'models/bird-strike/artifacts/1.0.0.onnx'],
    ['file:/artifacts/1.0.0.onnx', 'artifacts/1.0.0.onnx'],
    ['file:my%20model.onnx', 'models/bird-strike/versions/my model.onnx'],
  ])('%s is the file %s', (uri, path) => {
    expect(modelVersionKind.attachments?.(at(uri))).toEqual([
      { path, pointer: '/spec/artifact/uri', read: 'short' },
    ]);
  });

  it.each([
    'file:../../../../secret',
    'file:///etc/passwd',
    'file:',
    'file:folder/',
    'file:a?b',
    'file:%zz',
    'file:C:/x',
  ])('%s is no file of the registry', (uri) => {
    expect(modelVersionKind.attachments?.(at(uri))).toEqual([]);
    expect(findingsOf(at(uri), [])).toMatchObject([{ code: 'InvalidUri', pointer: '/spec/artifact/uri' }]);
  });

  it('must not carry credentials in its URL, and the finding does not repeat them', () => {
    const findings = findingsOf(at('https://ada:hunter2@example.com/1.onnx'), []);
    expect(findings).toMatchObject([{ code: 'CredentialsInUri' }]);
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|ada/);
  });

  it('warns before the commit is applied when the file has another size', () => {
    const file = { path: 'models/bird-strike/versions/1.0.0.onnx', blob: 'b1', size: 131 };
    expect(findingsOf(at('file:1.0.0.onnx', 76_211, [file]), [])).toMatchObject([
      { code: 'SizeMismatch', severity: 'warning', pointer: '/spec/artifact/size' },
    ]);
    expect(findingsOf(at('file:1.0.0.onnx', 131, [file]), [])).toEqual([]);
  });

  it('compares what a Git LFS pointer stands for with what is declared, and says when that is of the pointer', () => {
    const declared = at('file:1.0.0.onnx', 76_211, []).spec.artifact.digest;
    const pointer = (oid: string, size: number) => {
      const text = `version https://git-lfs.github.com/spec/v1\noid ${oid}\nsize ${size}\n`;
      return { path: 'models/bird-strike/versions/1.0.0.onnx', blob: 'b1', size: text.length, text };
    };
    const right = pointer(declared, 76_211);
    expect(findingsOf(at('file:1.0.0.onnx', 76_211, [right]), [])).toEqual([]);
    expect(findingsOf(at('file:1.0.0.onnx', right.size, [right]), [])).toMatchObject([
      {
        code: 'LfsPointer',
        pointer: '/spec/artifact',
        message: expect.stringContaining('size and digest are those of the Git LFS pointer'),
        hint: expect.stringContaining('size: 76211'),
      },
    ]);
    const other = pointer(`sha256:${'0'.repeat(64)}`, 76_211);
    expect(findingsOf(at('file:1.0.0.onnx', 76_211, [other]), [])).toMatchObject([
      { code: 'LfsPointer', message: expect.stringContaining('to another file') },
    ]);
  });

  it('takes an object of a bucket, and nothing that only looks like one', () => {
    expect(findingsOf(at('s3://models/bird-strike/1.0.0.onnx', 1), [])).toEqual([]);
    for (const uri of ['s3://key:hunter2@models/m', 's3://models', 's3://models/../x', 's3:/models/m']) {
      const found = findingsOf(at(uri, 1), []);
      expect([uri, found]).toMatchObject([uri, [{ code: 'InvalidUri', pointer: '/spec/artifact/uri' }]]);
      expect(JSON.stringify(found)).not.toContain('hunter2');
    }
  });
});
