import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Edit, editYaml } from '../../../libraries/yaml-edit/index.ts';
import { lineDiff } from './line-diff.ts';
import { type Json, json, jsonMap, write } from './random-document.ts';

const runs = Number(process.env.YAML_EDIT_RUNS ?? 200);
const written = fc.tuple(jsonMap, fc.nat()).map(([value, seed]) => ({ value, text: write(value, seed) }));
const choice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('any document', () => {
  it('is what the writer of these tests meant', () => {
    fc.assert(
      fc.property(written, ({ value, text }) => {
        expect(read(text)).toEqual(value);
      }),
      { numRuns: runs },
    );
  });

  it('stays byte for byte when every value is set to what it is', () => {
    fc.assert(
      fc.property(written, ({ value, text }) => {
        const edits = placesIn(value).map((place): Edit => ({ op: 'set', ...place }));
        expect(editYaml(text, edits)).toBe(text);
      }),
      { numRuns: runs },
    );
  });

  it('says what was asked after a value is set, and loses no other line', () => {
    fc.assert(
      fc.property(written, choice, json, ({ value, text }, which, next) => {
        const { pointer, value: old } = pick(placesIn(value), which);
        const after = editYaml(text, [{ op: 'set', pointer, value: next }]);
        expect(read(after)).toEqual(changed(value, pointer, () => next));
        const { removed, added } = lineDiff(text, after);
        if (isPlain(old) && isPlain(next)) {
          expect(removed.length).toBeLessThanOrEqual(1);
          expect(added.length).toBeLessThanOrEqual(1);
          expect(commentsIn([after])).toEqual(commentsIn([text]));
        }
        expect(commentsIn(added)).toEqual(commentsIn(added).filter((one) => text.includes(one)));
      }),
      { numRuns: runs },
    );
  });

  it('loses only the lines of a member that is removed', () => {
    fc.assert(
      fc.property(written, choice, ({ value, text }, which) => {
        const { pointer, value: old } = pick(placesIn(value), which);
        const after = editYaml(text, [{ op: 'remove', pointer }]);
        const expected = without(value, pointer);
        expect(read(after)).toEqual(expected);
        const { added } = lineDiff(text, after);
        // The line that it shared with a sibling, and the one before that ended in a comma.
        expect(added.length).toBeLessThanOrEqual(2);
        const kept = commentsIn([after]);
        const lost = commentsIn([text]).filter((comment) => !kept.includes(comment));
        if (isPlain(old)) expect(lost.filter((one) => /beside|dash/.test(one)).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: runs },
    );
  });

  it('keeps every line but one when a key is put in', () => {
    fc.assert(
      fc.property(written, choice, choice, json, ({ value, text }, which, where, next) => {
        const maps = [{ pointer: '', value: value as Json }, ...placesIn(value)].filter(({ value: one }) =>
          isMap(one),
        );
        const { pointer, value: map } = pick(maps, which);
        const keys = Object.keys(map as object);
        const neighbour = keys[Math.floor(where * (keys.length + 1))];
        const after = editYaml(text, [
          {
            op: 'insert',
            pointer: `${pointer}/brand-new`,
            value: next,
            ...(neighbour === undefined ? {} : { before: neighbour }),
          },
        ]);
        const expected = changed(value, pointer, (one) => insertedBefore(one, neighbour, next));
        expect(JSON.stringify(read(after))).toBe(JSON.stringify(expected));
        const { removed } = lineDiff(text, after);
        expect(removed.length).toBeLessThanOrEqual(1);
        expect(commentsIn([after])).toEqual(commentsIn([text]));
      }),
      { numRuns: runs },
    );
  });

  it('keeps every line but one when a list grows', () => {
    fc.assert(
      fc.property(written, choice, choice, json, ({ value, text }, which, where, next) => {
        const lists = placesIn(value).filter(({ value: one }) => Array.isArray(one));
        fc.pre(lists.length > 0);
        const { pointer, value: list } = pick(lists, which);
        const index = Math.floor(where * ((list as Json[]).length + 1));
        const inserted = editYaml(text, [{ op: 'insert', pointer: `${pointer}/${index}`, value: next }]);
        expect(read(inserted)).toEqual(
          changed(value, pointer, (one) => (one as Json[]).toSpliced(index, 0, next)),
        );
        const appended = editYaml(text, [{ op: 'append', pointer, value: next }]);
        expect(read(appended)).toEqual(changed(value, pointer, (one) => [...(one as Json[]), next]));
        for (const after of [inserted, appended]) {
          expect(lineDiff(text, after).removed.length).toBeLessThanOrEqual(1);
          expect(commentsIn([after])).toEqual(commentsIn([text]));
        }
      }),
      { numRuns: runs },
    );
  });

  it('keeps its line endings, its byte order mark and whether its last line ends', () => {
    fc.assert(
      fc.property(written, choice, json, ({ value, text }, which, next) => {
        const { pointer } = pick(placesIn(value), which);
        const after = editYaml(text, [{ op: 'set', pointer, value: next }]);
        expect(after.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'));
        expect(after.endsWith('\n')).toBe(text.endsWith('\n'));
        if (!/(^|[^\r])\n/.test(text) && text.includes('\n')) expect(after).not.toMatch(/(^|[^\r])\n/);
        if (!text.includes('\r')) expect(after).not.toContain('\r');
      }),
      { numRuns: runs },
    );
  });

  it('survives edits one after the other', () => {
    fc.assert(
      fc.property(written, fc.array(fc.tuple(choice, json), { maxLength: 6 }), ({ value, text }, steps) => {
        let now: Json = value;
        let after = text;
        for (const [which, next] of steps) {
          const places = placesIn(now);
          if (places.length === 0) break;
          const { pointer } = pick(places, which);
          const isRemoval = which * 1000 - Math.floor(which * 1000) < 0.4;
          after = editYaml(after, [
            isRemoval ? { op: 'remove', pointer } : { op: 'set', pointer, value: next },
          ]);
          now = isRemoval ? without(now, pointer) : changed(now, pointer, () => next);
          expect(read(after)).toEqual(now);
        }
      }),
      { numRuns: runs },
    );
  });
});

function read(text: string): unknown {
  return parse(text, { version: '1.2', schema: 'core', stringKeys: true });
}

function placesIn(value: Json, at = ''): { pointer: string; value: Json }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [{ pointer, value: member as Json }, ...placesIn(member as Json, pointer)];
  });
}

function pick<Sort>(some: readonly Sort[], which: number): Sort {
  return some[Math.floor(which * some.length)]!;
}

function changed(value: Json, pointer: string, change: (old: Json) => Json): Json {
  if (pointer === '') return change(value);
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(pointer) ?? [];
  const key = first.replaceAll('~1', '/').replaceAll('~0', '~');
  if (Array.isArray(value)) return value.with(Number(key), changed(value[Number(key)]!, rest, change));
  const members = Object.entries(value as { [key: string]: Json });
  return Object.fromEntries(
    members.map(([name, one]) => [name, name === key ? changed(one, rest, change) : one]),
  );
}

function without(value: Json, pointer: string): Json {
  const last = pointer.lastIndexOf('/');
  const key = pointer
    .slice(last + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
  return changed(value, pointer.slice(0, last), (one) =>
    Array.isArray(one)
      ? one.toSpliced(Number(key), 1)
      : Object.fromEntries(Object.entries(one as object).filter(([name]) => name !== key)),
  );
}

function insertedBefore(map: Json, neighbour: string | undefined, value: Json): Json {
  const members = Object.entries(map as { [key: string]: Json });
  const index = members.findIndex(([name]) => name === neighbour);
  return Object.fromEntries(
    members.toSpliced(index === -1 ? members.length : index, 0, ['brand-new', value]),
  );
}

function isMap(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: Json): boolean {
  return (typeof value !== 'object' || value === null) && !String(value).includes('\n');
}

function commentsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.match(/# (above|beside|deeper|first|dash) \d+/g) ?? []);
}
