import { describe, expect, it } from 'vitest';
import { commitAmong } from '../../../cli/client/commits.ts';

const first = `4b66${'0'.repeat(36)}`;
const second = `4b67${'0'.repeat(36)}`;

describe('the beginning of a commit’s id', () => {
  it('means the only commit that begins so', () => {
    expect(commitAmong('4b66', [first, second])).toBe(first);
  });

  it('is refused where several begin so, and those are named', () => {
    expect(() => commitAmong('4b6', [first, second])).toThrow(
      expect.objectContaining({ code: 'AmbiguousCommit', hint: `Write more of it: ${first}, ${second}.` }),
    );
  });

  it('is refused where none begins so', () => {
    expect(() => commitAmong('ffff', [first])).toThrow(
      expect.objectContaining({ code: 'CommitUnknown', status: 404 }),
    );
  });
});
