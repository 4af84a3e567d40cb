import { describe, expect, it } from 'vitest';
import { didYouMean, meantBy } from '../../../libraries/did-you-mean/index.ts';

describe('the word that was meant', () => {
  it.each([
    ['vesrion', ['version', 'variant'], 'version'],
    ['VERSION', ['version'], 'version'],
    ['wrod', ['rows', 'word'], 'word'],
    ['abcde', ['edcba'], 'edcba'],
    ['cat', ['car', 'bat'], 'car'],
    ['x', ['yz', 'y'], 'y'],
  ])('%s among %j is %s', (word, candidates, meant) => {
    expect(meantBy(word, candidates)).toBe(meant);
  });

  it.each([
    ['version', []],
    ['version', ['model']],
    ['version', ['version']],
    ['v'.repeat(101), ['v'.repeat(100)]],
  ])('%s among %j is none', (word, candidates) => {
    expect(meantBy(word, candidates)).toBeUndefined();
  });
});

describe('the hint', () => {
  it('names the one that was meant, else those that there are in their order', () => {
    expect(didYouMean('sped', ['speed', 'size'])).toBe('Did you mean `speed`?');
    expect(didYouMean('colour', ['speed', 'age', 'speed'])).toBe('There are: `speed`, `age`.');
    expect(didYouMean('colour', [])).toBeUndefined();
  });

  it('counts those beyond the tenth', () => {
    const names = Array.from({ length: 12 }, (_, index) => `input-${index}`);
    expect(didYouMean('colour', names)).toMatch(/^There are `input-0`, .*, `input-9` and 2 more\.$/);
  });

  it('cuts long names', () => {
    expect(didYouMean('colour', ['n'.repeat(200)])).toBe(`There are: \`${'n'.repeat(100)}…\`.`);
  });
});
