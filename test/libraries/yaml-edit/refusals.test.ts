import { describe, expect, it } from 'vitest';
import { type Edit, type EditOptions, editYaml, YamlEditError } from '../../../libraries/yaml-edit/index.ts';

function refusal(text: string, edit: Edit, options?: EditOptions): YamlEditError {
  try {
    editYaml(text, [edit], options);
  } catch (error) {
    if (error instanceof YamlEditError) return error;
    throw error;
  }
  throw new Error('the edit was made');
}

const set = (pointer: string, value: unknown): Edit => ({ op: 'set', pointer, value });

describe('an edit that is refused', () => {
  it('says its code, its line and its pointer', () => {
    const error = refusal('a:\n  b: 1\n', set('/a/b/c', 2));
    expect(error).toMatchObject({ code: 'WrongType', line: 2, pointer: '/a/b/c' });
    expect(error.message).toBe('a plain value has no "c" (line 2, at /a/b/c)');
  });

  it.each<[what: string, text: string, edit: Edit, code: string, line: number]>([
    ['text that is not YAML', 'a: 1\nb: [\n', set('/a', 2), 'InvalidYaml', 3],
    ['tabs as indentation', 'a:\n\tb: 1\n', set('/a/b', 2), 'InvalidYaml', 2],
    ['keys that are not text', 'a: 1\n? [b]\n: c\n', set('/a', 2), 'InvalidYaml', 2],
    ['nesting without end', '['.repeat(20_000), set('/a', 2), 'InvalidYaml', 1],
    ['a key that is there twice', 'a: 1\nb:\n  c: 1\n  c: 2\n', set('/a', 2), 'DuplicateKey', 4],
    ['a pointer that is none', 'a: 1\n', set('a', 2), 'InvalidPointer', 1],
    ['a pointer with a stray tilde', 'a: 1\n', set('/a~', 2), 'InvalidPointer', 1],
    ['to remove the whole document', 'a: 1\n', { op: 'remove', pointer: '' }, 'InvalidPointer', 1],
    ['to insert the whole document', 'a: 1\n', { op: 'insert', pointer: '', value: 1 }, 'InvalidPointer', 1],
    ['to remove what is not there', 'a:\n  b: 1\n', { op: 'remove', pointer: '/a/c' }, 'PathMissing', 1],
    ['to remove an item that is not there', 'a:\n- b\n', { op: 'remove', pointer: '/a/1' }, 'PathMissing', 1],
    ['to set an item that is not there', 'a:\n- b\n', set('/a/1', 2), 'PathMissing', 1],
    ['to guess whether a key or an index is meant', 'a: 1\n', set('/b/0', 2), 'PathMissing', 1],
    ['an index that is none', 'a: [1]\n', set('/a/01', 2), 'WrongType', 1],
    [
      'to insert far behind the end',
      'a: [1]\n',
      { op: 'insert', pointer: '/a/3', value: 2 },
      'PathMissing',
      1,
    ],
    [
      'to insert a key that is there',
      'a: 1\nb: 2\n',
      { op: 'insert', pointer: '/b', value: 2 },
      'KeyExists',
      1,
    ],
    [
      'to insert beside a key that is not there',
      'a: 1\n',
      { op: 'insert', pointer: '/b', value: 2, after: 'c' },
      'PathMissing',
      1,
    ],
    [
      'to insert on both sides',
      'a: 1\n',
      { op: 'insert', pointer: '/b', value: 2, after: 'a', before: 'a' },
      'WrongType',
      1,
    ],
    ['to append to a map', 'a:\n  b: 1\n', { op: 'append', pointer: '/a', value: 2 }, 'WrongType', 1],
    ['to set an alias', 'a: &x 1\nb: *x\n', set('/b', 2), 'AnchorOrAlias', 2],
    ['to set what has an anchor', 'a: &x 1\nb: *x\n', set('/a', 2), 'AnchorOrAlias', 1],
    ['to remove what has an anchor', 'a: &x 1\nb: *x\n', { op: 'remove', pointer: '/a' }, 'AnchorOrAlias', 1],
    [
      'to remove what holds an alias',
      'a: &x 1\nb:\n  c: *x\n',
      { op: 'remove', pointer: '/b' },
      'AnchorOrAlias',
      3,
    ],
    [
      'to remove a key with an anchor',
      '&x a: 1\nb: 2\n',
      { op: 'remove', pointer: '/a' },
      'AnchorOrAlias',
      1,
    ],
    ['to edit inside an anchor', 'a: &x\n  c: 1\nb: *x\n', set('/a/c', 2), 'AnchorOrAlias', 1],
    ['to add inside an anchor', 'a: &x\n  c: 1\nb: *x\n', set('/a/d', 2), 'AnchorOrAlias', 1],
    ['to edit through an alias', 'a: &x { c: 1 }\nb: *x\n', set('/b/c', 2), 'WrongType', 2],
    ['to contradict the tag of a map', 'a: !!map\n  b: 1\n', set('/a', [1]), 'Tagged', 1],
    ['to give a tag of the reader another value', 'a: 1\nb: !secret x\n', set('/b', 'y'), 'Tagged', 2],
  ])('refuses %s', (_what, text, edit, code, line) => {
    expect(refusal(text, edit)).toMatchObject({ code, line });
  });

  const cycle: unknown[] = [];
  cycle.push(cycle);
  it.each([
    ['undefined', { a: undefined }],
    ['not a number', Number.NaN],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a function', () => 1],
    ['a big integer', 1n],
    ['a date', new Date(0)],
    ['a map of JavaScript', new Map()],
    ['itself', cycle],
    ['half a character', '\ud83d'],
    ['a key with half a character', { '\udc26': 1 }],
  ])('refuses a value that holds %s', (_what, value) => {
    expect(refusal('a: 1\n', set('/a', value))).toMatchObject({ code: 'InvalidValue', pointer: '/a' });
  });

  it('asks which document is meant', () => {
    const text = 'a: 1\n---\na: 2\n';
    expect(refusal(text, set('/a', 3)).code).toBe('DocumentMissing');
    expect(refusal(text, set('/a', 3), { document: 2 }).code).toBe('DocumentMissing');
    expect(refusal('', set('/a', 3), { document: 1 }).code).toBe('DocumentMissing');
  });

  it('refuses a file whose other document is broken', () => {
    expect(refusal('a: 1\n---\nb: [\n', set('/a', 3), { document: 0 }).code).toBe('InvalidYaml');
  });

  it('makes none of the edits when one of them is refused', () => {
    const edits: Edit[] = [set('/a', 2), { op: 'remove', pointer: '/b' }];
    expect(() => editYaml('a: 1\n', edits)).toThrow(YamlEditError);
  });

  it('refuses a place where YAML has no way to write the value', () => {
    expect(refusal('? a\n? b\n', set('/a', { c: 1 })).code).toBe('NotVerified');
  });
});
