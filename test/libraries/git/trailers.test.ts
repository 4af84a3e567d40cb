import { describe, expect, it } from 'vitest';
import { readTrailers, trailerLines } from '../../../libraries/git/trailers.ts';

describe('trailers of a commit message', () => {
  it('are read as they were written, those of one name in their order', () => {
    const lines = trailerLines({
      Key: 'a: b',
      'Approved-by': ['Ada <a@x>', 'Grace <g@x>'],
      Empty: '',
      None: undefined,
    });
    const found = readTrailers(`Subject\n\nBody: text\n\n${lines.join('\n')}\n`);
    expect([...found]).toEqual([
      ['Key', ['a: b']],
      ['Approved-by', ['Ada <a@x>', 'Grace <g@x>']],
    ]);
  });

  it('cannot be made by text that holds a line break', () => {
    expect(trailerLines({ Title: 'x\nApproved-by: Mallory' })).toEqual(['Title: x Approved-by: Mallory']);
  });

  it('are none where the last paragraph is text, or the only one', () => {
    expect(readTrailers('Approved-by: Mallory').size).toBe(0);
    expect(readTrailers('Subject\n\nApproved-by: Mallory\nand more text').size).toBe(0);
  });
});
