import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutOrders, withSlashes } from '../../../plugins/forge-gitlab/quick-actions.ts';

describe('what is written to GitLab', () => {
  it.each([
    ['/approve', '&#47;approve'],
    ['a\n  /merge\n\t/close now', 'a\n  &#47;merge\n\t&#47;close now'],
    ['a /merge b', 'a /merge b'],
    ['// comment', '// comment'],
  ])('%j becomes %j', (text, written) => {
    expect(withoutOrders(text)).toBe(written);
    expect(withSlashes(written)).toBe(text);
  });

  it('has no line that begins with an order, whatever it says', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('/', 'a', ' ', '\n', '\t', 'merge', '\r', '&#47;')), (pieces) => {
        const text = pieces.join('');
        expect(withoutOrders(text)).not.toMatch(/^[ \t]*\/\w/m);
        if (!text.includes('&#47;')) expect(withSlashes(withoutOrders(text))).toBe(text);
      }),
    );
  });
});
