import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../core/plugin.ts';
import { editTree } from '../../../libraries/git/edit-tree.ts';
import { joinTree, parseTree, splitTree } from '../../../libraries/git/tree.ts';

/** Objects in memory, and edits of a root among them. */
class Trees {
  readonly objects = new Map<string, Buffer>();
  root: string | undefined;

  async apply(changes: ReadonlyMap<string, string | null>): Promise<void> {
    const read = async (id: string) => this.objects.get(id)!;
    const edited = await editTree(this.root, changes, 'sha1', read);
    for (const { id, bytes } of edited.objects) this.objects.set(id, Buffer.from(bytes));
    this.root = edited.root;
  }

  /** Path → content of every file. */
  files(id = this.root, path = ''): Map<string, string> {
    const found = new Map<string, string>();
    for (const entry of id === undefined ? [] : parseTree(this.objects.get(id)!, 'sha1')) {
      const name = path + entry.name;
      if (entry.type === 'tree') for (const file of this.files(entry.id, `${name}/`)) found.set(...file);
      else found.set(name, this.objects.get(entry.id)!.toString());
    }
    return found;
  }
}

const name = fc.constantFrom('a', 'b', 'a.b', 'a-b', 'ä', 'z');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const content = fc.option(fc.constantFrom('one', 'two', ''), { nil: null });
const changes = fc.dictionary(path, content, { maxKeys: 6 }).map((edits) => new Map(Object.entries(edits)));

describe('editing a tree', () => {
  it('does what a table of paths and contents would do, or refuses and changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 8 }), async (steps) => {
        const trees = new Trees();
        const table = new Map<string, string>();
        for (const step of steps) {
          const before = trees.root;
          try {
            await trees.apply(step);
          } catch (error) {
            expect(codeOf(error)).toBe('PathRefused');
            expect(trees.root).toBe(before);
            continue;
          }
          for (const [file, text] of step) {
            if (text === null) table.delete(file);
            else table.set(file, text);
          }
          expect(Object.fromEntries(trees.files())).toEqual(Object.fromEntries(table));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('names the same tree for the same files, whatever way led there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1 }), async (names) => {
        const whole = new Trees();
        await whole.apply(new Map(names.map((one) => [`${one}/file`, one])));
        const steps = new Trees();
        for (const one of names.toReversed()) {
          await steps.apply(new Map([[`${one}/other`, 'x']]));
          await steps.apply(new Map([[`${one}/file`, one]]));
        }
        await steps.apply(new Map(names.map((one) => [`${one}/other`, null])));
        expect(steps.root).toBe(whole.root);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves no new object where nothing changed', async () => {
    const trees = new Trees();
    await trees.apply(new Map([['m/a.yaml', 'one']]));
    const edited = await editTree(trees.root, new Map([['m/none.yaml', null]]), 'sha1', async (id) => {
      return trees.objects.get(id)!;
    });
    expect(edited).toEqual({ root: trees.root, objects: [] });
  });
});

describe('reading a tree', () => {
  it('refuses one that is cut short', () => {
    const id = 'a'.repeat(40);
    const whole = joinTree([
      { mode: '100644', name: 'a.yaml', id },
      { mode: '40000', name: 'm', id },
    ]);
    expect(parseTree(whole, 'sha1').map((entry) => entry.type)).toEqual(['blob', 'tree']);
    for (const length of [3, 10, 20, whole.length - 1]) {
      expect(() => parseTree(whole.subarray(0, length), 'sha1')).toThrow('cut short');
    }
  });

  it('writes again to the byte what it split', () => {
    const entry = fc.record({
      mode: fc.constantFrom('100644', '100755', '100664', '120000', '160000', '40000'),
      name: fc.stringMatching(/^[a-z.\-\xe4\xff]{1,6}$/),
      id: fc.stringMatching(/^[0-9a-f]{64}$/),
    });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: (one) => one.name }), (entries) => {
        const bytes = joinTree(entries);
        expect(joinTree(splitTree(bytes, 'sha256')).equals(bytes)).toBe(true);
      }),
    );
  });
});
