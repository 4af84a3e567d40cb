import { describe, expect, it } from 'vitest';
import { cardDifference } from '../../../cli/time-travel/card-difference.ts';

const card = (fields: string, text: string) => `---\n${fields}\n---\n${text}`;
const text = '# Fuel\n\nTo plan flights.\n\n## Limitations\n\nNone are known.\n';

describe('how one model card differs from another', () => {
  it('is nothing for the same card, whatever its line ends and blank lines', () => {
    const one = card('license: mit', text);
    expect(cardDifference(one, one)).toEqual({ fields: [], text: [] });
    expect(cardDifference(one, card('license:   mit', text.replaceAll('\n', '\r\n')))).toEqual({
      fields: [],
      text: [],
    });
    expect(cardDifference(one, card('license: mit', text.replaceAll('\n\n', '\n\n\n')))).toEqual({
      fields: [],
      text: [],
    });
  });

  it('names fields, also those further in, and lists that are short as a whole', () => {
    const before = card('license: mit\ntags: [a, b]\nmodel-index:\n  - name: x\n    results: []', text);
    const after = card('tags: [a]\nmodel-index:\n  - name: y\n    results: []\nlanguage: en', text);
    expect(cardDifference(before, after).fields).toEqual([
      { what: 'license', before: 'mit', after: null },
      { what: 'tags', before: ['a', 'b'], after: ['a'] },
      { what: 'model-index.0.name', before: 'x', after: 'y' },
      { what: 'language', before: null, after: 'en' },
    ]);
  });

  it('tells what was written and what was taken away, below which heading', () => {
    const after = text
      .replace('None are known.', 'Not where fog is thick.\nNot at night.')
      .replace('# Fuel', '# Burn');
    expect(cardDifference(card('license: mit', text), card('license: mit', after)).text).toEqual([
      { section: null, removed: ['# Fuel'], added: ['# Burn'] },
      {
        section: 'Limitations',
        removed: ['None are known.'],
        added: ['Not where fog is thick.', 'Not at night.'],
      },
    ]);
  });

  it('takes a card whose front matter cannot be read for text', () => {
    const { fields, text: changes } = cardDifference('', 'Only words.\n');
    expect(fields).toEqual([]);
    expect(changes).toEqual([{ section: null, removed: [], added: ['Only words.'] }]);
    expect(cardDifference('---\na: [\n---\nx\n', '---\na: [\n---\ny\n').text).toHaveLength(1);
  });
});
