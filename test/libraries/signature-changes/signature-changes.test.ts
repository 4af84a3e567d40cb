import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowestVersion, namedAs, signatureChanges } from '../../../libraries/signature-changes/index.ts';

const speed = { name: 'speed', datatype: 'FP32', shape: [-1, 1] };
const height = { name: 'height', datatype: 'FP32', shape: [-1, 1] };
const probability = { name: 'probability', datatype: 'FP32', shape: [-1, 1] };
const base = { inputs: [speed, height], outputs: [probability] };

const changed = (next: Partial<typeof base>) =>
  signatureChanges(base, { ...base, ...next }).map(({ bump, message }) => `${bump}: ${message}`);

describe('what a signature changes for its callers', () => {
  it('is nothing when it is the same, in whatever order', () => {
    expect(changed({ inputs: [height, speed] })).toEqual([]);
  });

  it.each([
    ['an input is gone', { inputs: [speed] }, ['major: input "height" is gone']],
    [
      'an input is new',
      { inputs: [speed, height, { ...speed, name: 'phase' }] },
      ['major: input "phase" (FP32) is new'],
    ],
    [
      'an input is renamed',
      { inputs: [speed, { ...height, name: 'altitude' }] },
      ['major: input "height" is gone', 'major: input "altitude" (FP32) is new'],
    ],
    [
      'values are named, or named otherwise',
      { outputs: [{ ...probability, classes: ['a'] }] },
      ['minor: output "probability" now has classes'],
    ],
    [
      'an input has another type',
      { inputs: [{ ...speed, datatype: 'INT64' }, height] },
      ['major: input "speed" changed FP32 → INT64'],
    ],
    [
      'an input accepts less',
      { inputs: [{ ...speed, shape: [1, 1] }, height] },
      ['major: input "speed" changed its shape [-1, 1] → [1, 1]'],
    ],
    [
      'an input accepts more',
      { inputs: [{ ...speed, shape: [-1, -1] }, height] },
      ['minor: input "speed" changed its shape [-1, 1] → [-1, -1]'],
    ],
    [
      'an input has another size',
      { inputs: [{ ...speed, shape: [-1, 2] }, height] },
      ['major: input "speed" changed its shape [-1, 1] → [-1, 2]'],
    ],
    [
      'an input accepts more here and less there',
      { inputs: [{ ...speed, shape: [1, -1] }, height] },
      ['major: input "speed" changed its shape [-1, 1] → [1, -1]'],
    ],
    [
      'an input has another rank',
      { inputs: [{ ...speed, shape: [-1] }, height] },
      ['major: input "speed" changed its shape [-1, 1] → [-1]'],
    ],
    ['an output is gone', { outputs: [] }, ['major: output "probability" is gone']],
    [
      'an output is new',
      { outputs: [probability, { ...probability, name: 'label' }] },
      ['minor: output "label" (FP32) is new'],
    ],
    [
      'an output has another type',
      { outputs: [{ ...probability, datatype: 'FP64' }] },
      ['major: output "probability" changed FP32 → FP64'],
    ],
    [
      'an output varies where it was fixed',
      { outputs: [{ ...probability, shape: [-1, -1] }] },
      ['major: output "probability" changed its shape [-1, 1] → [-1, -1]'],
    ],
    ['an output is fixed where it varied', { outputs: [{ ...probability, shape: [1, 1] }] }, []],
  ])('when %s', (_, next, changes) => {
    expect(changed(next)).toEqual(changes);
  });

  it('never breaks a caller both ways without saying so: an addition is a removal seen backwards', () => {
    const tensor = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      datatype: fc.constantFrom('FP32', 'INT64'),
      shape: fc.array(fc.constantFrom(-1, 1, 2), { maxLength: 2 }),
    });
    const side = fc.uniqueArray(tensor, { selector: ({ name }) => name });
    const signature = fc.record({ inputs: side, outputs: side });
    fc.assert(
      fc.property(signature, signature, (one, other) => {
        const forth = signatureChanges(one, other);
        const back = signatureChanges(other, one);
        expect(signatureChanges(one, one)).toEqual([]);
        if (forth.some(({ bump }) => bump === 'minor')) {
          expect(back.some(({ bump }) => bump === 'major')).toBe(true);
        }
      }),
    );
  });
});

describe('the lowest version after a change', () => {
  it.each([
    ['1.2.3', 'major', '2.0.0'],
    ['1.2.3', 'minor', '1.3.0'],
    ['0.2.3', 'major', '0.3.0'],
    ['0.2.3', 'minor', undefined],
    ['not a version', 'major', undefined],
  ] as const)('%s with a %s change is %s', (previous, bump, lowest) => {
    expect(lowestVersion(previous, bump)).toBe(lowest);
  });
});

it('breaks callers by another name of a value, or by none', () => {
  const named = { ...base, inputs: [{ ...speed, columns: ['a'] }, height] };
  const messages = (next: typeof base) =>
    signatureChanges(named, next).map(({ bump, message }) => `${bump}: ${message}`);
  expect(messages(base)).toEqual(['major: input "speed" changed its columns']);
  expect(messages({ ...base, inputs: [{ ...speed, columns: ['b'] } as typeof speed, height] })).toHaveLength(
    1,
  );
});

it('is read from an artifact, and called as others call it', () => {
  const matrix = { name: 'x', datatype: 'FP32', shape: [-1, 2] };
  const label = { name: 'label', datatype: 'INT64', shape: [-1, 1] };
  const read = { inputs: [matrix, speed], outputs: [label] };
  const others = [
    { inputs: [{ ...matrix, shape: [-1, 3], columns: ['a', 'b', 'c'] }], outputs: [label] },
    { inputs: [{ ...matrix, columns: ['a', 'b'] }], outputs: [{ ...label, classes: ['no', 'yes'] }] },
  ];
  expect(namedAs(read, others)).toEqual({
    inputs: [{ ...matrix, columns: ['a', 'b'] }, speed],
    outputs: [{ ...label, classes: ['no', 'yes'] }],
  });
});
