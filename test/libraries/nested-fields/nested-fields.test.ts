import { describe, expect, it } from 'vitest';
import { nestedFields } from '../../../libraries/nested-fields/index.ts';

describe('nestedFields', () => {
  it('finds a field at any depth, in order, with its place', () => {
    const value = { a: [{ name: 'x' }, { b: { name: 'y' } }], name: 'z' };
    expect([...nestedFields(value, 'name', '/spec')]).toEqual([
      { pointer: '/spec/a/0/name', value: 'x' },
      { pointer: '/spec/a/1/b/name', value: 'y' },
      { pointer: '/spec/name', value: 'z' },
    ]);
  });

  it('escapes what a pointer cannot hold, and does not look into what it found', () => {
    expect([...nestedFields({ 'a/b~c': { name: { name: 1 } } }, 'name')]).toEqual([
      { pointer: '/a~1b~0c/name', value: { name: 1 } },
    ]);
  });

  it.each([undefined, null, 3, 'name', []])('finds nothing in %j', (value) => {
    expect([...nestedFields(value, 'name')]).toEqual([]);
  });
});
