import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { table, visibleLength } from '../../../cli/output/table.ts';

const { green } = picocolors.createColors(true);

describe('a table', () => {
  it('lines its columns up by what is seen, not by the colours in it', () => {
    const text = table(
      ['NAME', 'READY', 'MESSAGE'],
      [
        ['a', green('True'), 'x'],
        ['longer', 'False', 'y'],
      ],
      { width: 80 },
    );
    expect(text).toBe(`NAME     READY   MESSAGE\na        ${green('True')}    x\nlonger   False   y\n`);
  });

  it('leaves no spaces at the end of a line', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['x', ''],
          ['y', 'z'],
        ],
        { width: 80 },
      ),
    ).toBe('A   B\nx\ny   z\n');
  });

  it('cuts the last column so that a row fits the window', () => {
    const text = table(['A', 'MESSAGE'], [['x', 'a long explanation of what happened']], { width: 24 });
    expect(text.split('\n')[1]).toBe('x   a long explanation …');
  });

  it('cuts a last column that has little room or colours, so that no row is wider than the window', () => {
    const rows = [
      ['x'.repeat(20), `${green('fine')} and a long explanation`],
      ['y', 'a long explanation'],
    ];
    for (const width of [24, 25, 28, 33, 40]) {
      for (const line of table(['A', 'MESSAGE'], rows, { width }).trimEnd().split('\n')) {
        expect(visibleLength(line)).toBeLessThanOrEqual(width);
      }
    }
    const [coloured] = table([], rows, { width: 29 }).split('\n');
    expect(coloured).toBe(`${'x'.repeat(20)}   ${green('fine')} …`);
  });

  it('keeps the whole message where nobody looks at a window', () => {
    const long = 'w'.repeat(500);
    expect(table([], [['x', long]], { width: Number.POSITIVE_INFINITY })).toBe(`x   ${long}\n`);
  });

  it('prints its titles alone where there are no rows', () => {
    expect(table(['A', 'B'], [], { width: 80 })).toBe('A   B\n');
  });
});
