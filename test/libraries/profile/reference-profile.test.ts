import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isMissing, numberOf } from '../../../libraries/data-file/index.ts';
import {
  checkReferenceProfile,
  declaredProfiles,
  makeProfile,
  ProfileError,
  Profiler,
  type ReferenceProfileClaim,
  writeProfile,
} from '../../../libraries/profile/index.ts';

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const data = { digest: sha256('the data'), rows: 3 };

function profiled(where?: string) {
  const profiler = new Profiler<string>(
    { isMissing, numberOf },
    undefined,
    new Map([
      ['code', 'category'],
      ['x', 'number'],
    ]),
  );
  const rows = [
    ['1', '2', 'a'],
    ['2', 'two', 'b'],
    ['3', '', 'c'],
  ];
  profiler.add(['code', 'x', 'undeclared'], where === undefined ? rows : rows.slice(1));
  return profiler.profile({ digest: data.digest, ...(where === undefined ? {} : { where }) });
}

const claimOf = (text: string, more: Partial<ReferenceProfileClaim> = {}): ReferenceProfileClaim => ({
  digest: sha256(text),
  data,
  columns: ['code', 'x'],
  ...more,
});

function refusal(text: string, claim: ReferenceProfileClaim): [string, string] {
  try {
    checkReferenceProfile(Buffer.from(text), claim);
  } catch (thrown) {
    if (thrown instanceof ProfileError) return [thrown.code, thrown.message];
    throw thrown;
  }
  throw new Error('it was taken');
}

describe('a profile of columns whose types are known', () => {
  it('takes them as they are declared, and no others', () => {
    const [code, x, ...others] = profiled().columns;
    expect(code).toMatchObject({ name: 'code', type: 'category', distinct: 3 });
    expect(x).toMatchObject({ name: 'x', type: 'number', missing: 1, unreadable: 1, mean: 2 });
    expect(others).toEqual([]);
  });
});

describe('a stored profile', () => {
  it('is read where it is what the dataset says, of all rows or of some', () => {
    for (const where of [undefined, 'x > 1']) {
      const profile = profiled(where);
      const text = writeProfile(profile);
      expect(checkReferenceProfile(Buffer.from(text), claimOf(text))).toEqual(profile);
    }
  });

  it('is refused where a byte of it is another', () => {
    const text = writeProfile(profiled());
    expect(refusal(text.replace('"missing":1', '"missing":0'), claimOf(text))[0]).toBe('ProfileTampered');
    expect(refusal(`${text} `, claimOf(text))[0]).toBe('ProfileTampered');
  });

  it('is refused where its content was changed and the manifest with it', () => {
    const text = writeProfile(profiled()).replace('"missing":1', '"missing":0');
    expect(refusal(text, claimOf(text))).toEqual([
      'ProfileTampered',
      expect.stringContaining('changed by hand'),
    ]);
  });

  it.each<[string, Partial<ReferenceProfileClaim>]>([
    ['it was made of sha256:', { data: { digest: sha256('other data'), rows: 3 } }],
    ['it was made of 3 rows, and this version has 4', { data: { ...data, rows: 4 } }],
    ['it has the column "x", and the dataset has not', { columns: ['code'] }],
  ])('is refused where it belongs to other data: %s', (words, more) => {
    const text = writeProfile(profiled());
    expect(refusal(text, claimOf(text, more))).toEqual([
      'ProfileOfOtherData',
      expect.stringContaining(words),
    ]);
  });

  it('is refused where it does not say what it was made of, or of more rows than there are', () => {
    const { columns, rows } = profiled();
    const text = writeProfile(makeProfile(rows, columns));
    expect(refusal(text, claimOf(text))[0]).toBe('ProfileOfOtherData');
    const some = writeProfile(makeProfile(9, columns, { data: { digest: data.digest, where: 'x > 1' } }));
    expect(refusal(some, claimOf(some))[1]).toContain('9 rows, and this version has 3');
  });

  it('is refused where it is a window, too large, or no profile at all', () => {
    const reference = profiled();
    const window = writeProfile(makeProfile(3, reference.columns, { reference }));
    expect(refusal(window, claimOf(window))).toEqual([
      'ProfileUnusable',
      expect.stringContaining('of a window'),
    ]);
    const large = 'x'.repeat(50_000);
    expect(refusal(large, claimOf(large))[0]).toBe('ProfileTooLarge');
    expect(refusal('{}', claimOf('{}'))[0]).toBe('ProfileUnusable');
    const pointer = 'version https://git-lfs.github.com/spec/v1\n';
    expect(refusal(pointer, claimOf(pointer))[1]).toContain('Git LFS pointer');
  });

  it('is claimed by the version that names it, with all that it is held against', () => {
    const versions = [
      { version: '1', digest: data.digest, rows: 3 },
      { version: '2', digest: data.digest, rows: 3, profile: { path: 'p.json', digest: sha256('p') } },
    ];
    expect(declaredProfiles({ versions, columns: [{ name: 'x' }] })).toEqual([
      { version: '2', index: 1, path: 'p.json', claim: { digest: sha256('p'), data, columns: ['x'] } },
    ]);
  });
});
