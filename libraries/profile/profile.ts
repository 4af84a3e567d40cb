import { createHash } from 'node:crypto';
import { type CategoryProfile, mergeCategories } from './category-column.ts';
import { mergeNumbers, type NumberProfile } from './number-column.ts';

export type ColumnProfile = NumberProfile | CategoryProfile;

/** What is known of a dataset, or of a window of traffic, without its rows. */
export interface Profile {
  readonly format: 'switchyard-profile/1';
  /** `sha256:` of all that follows. */
  readonly digest: string;
  readonly rows: number;
  /** Which data it was made of, where that was known. */
  readonly data?: ProfiledData;
  /** The digest of the profile whose cells and levels these are; absent where they are its own. */
  readonly reference?: string;
  readonly columns: readonly ColumnProfile[];
}

export interface ProfiledData {
  /** SHA-256 of the file. */
  readonly digest: string;
  /** A condition that a row of it had to meet to be counted; absent where all rows are. */
  readonly where?: string;
}

export type ProfileErrorCode =
  | 'ProfileUnusable'
  | 'ProfileTampered'
  | 'ProfileOfOtherData'
  | 'ProfileTooLarge';

export class ProfileError extends Error {
  override readonly name = 'ProfileError';
  readonly code: ProfileErrorCode;

  constructor(message: string, { code = 'ProfileUnusable', ...options }: ProfileErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

interface ProfileErrorOptions extends ErrorOptions {
  readonly code?: ProfileErrorCode;
}

export interface ProfileOrigin {
  /** The profile whose cells and levels were counted. */
  readonly reference?: Profile | undefined;
  readonly data?: ProfiledData | undefined;
}

const format = 'switchyard-profile/1';

export function makeProfile(
  rows: number,
  columns: readonly ColumnProfile[],
  { reference, data }: ProfileOrigin = {},
): Profile {
  const content = {
    rows,
    ...(data === undefined ? {} : { data }),
    ...(reference === undefined ? {} : { reference: reference.digest }),
    columns,
  };
  return { format, digest: digestOf(content), ...content };
}

/** Reads a profile. Throws `ProfileError` where it is none, or where its digest is not that of its content. */
export function readProfile(text: string): Profile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProfileError('it is no JSON', { cause });
  }
  const { format: named, digest, ...content } = (value ?? {}) as Partial<Profile>;
  if (named !== format) throw new ProfileError(`its format is ${JSON.stringify(named)}, not ${format}`);
  const found = digestOf(content);
  if (digest !== found)
    throw new ProfileError(
      `its digest is ${digest}, and that of its content ${found}: it was changed by hand, or cut`,
      { code: 'ProfileTampered' },
    );
  return value as Profile;
}

/** One column a line: a change of one column is a change of one line. */
export function writeProfile({ columns, ...about }: Profile): string {
  const head = JSON.stringify(about).slice(0, -1);
  return `${head},"columns":[\n${columns.map((column) => JSON.stringify(column)).join(',\n')}\n]}\n`;
}

/** The profile of both parts together. Throws `ProfileError` where they were not counted alike. */
export function mergeProfiles(one: Profile, other: Profile): Profile {
  if (one.reference !== other.reference)
    throw new ProfileError('they have different references, and so different cells');
  const isReference = one.reference === undefined;
  const others = new Map(other.columns.map((column) => [column.name, column]));
  const names = new Set(one.columns.map(({ name }) => name));
  const stray = other.columns.find(({ name }) => !names.has(name));
  if (stray !== undefined)
    throw new ProfileError(`only one of them has the column ${JSON.stringify(stray.name)}`);
  const columns = one.columns.map((column): ColumnProfile => {
    const match = others.get(column.name);
    if (match === undefined)
      throw new ProfileError(`only one of them has the column ${JSON.stringify(column.name)}`);
    if (column.type === 'number' && match.type === 'number') return mergeNumbers(column, match, isReference);
    if (column.type === 'category' && match.type === 'category')
      return mergeCategories(column, match, isReference);
    throw new ProfileError(
      `the column ${JSON.stringify(column.name)} holds numbers in one and texts in the other`,
    );
  });
  const content = {
    rows: one.rows + other.rows,
    ...(one.reference === undefined ? {} : { reference: one.reference }),
    columns,
  };
  return { format, digest: digestOf(content), ...content };
}

function digestOf(content: object): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`;
}
