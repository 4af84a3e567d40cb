import { SignerFileError } from './error.ts';
import { beginsWithKeyType, type ListedKey, parseKeyLine } from './key-line.ts';
import { parseTimestamp } from './timestamp.ts';

/** One line of an allowed_signers file. */
export interface AllowedSigner {
  /** Patterns; those that begin with `!` exclude. */
  readonly principals: readonly string[];
  readonly listed: ListedKey;
  readonly isAuthority: boolean;
  /** Patterns of the namespaces in which the key may sign; absent for all. */
  readonly namespaces?: readonly string[];
  /** Seconds since 1970, this second included. */
  readonly validAfter?: number;
  /** Seconds since 1970, this second included. */
  readonly validBefore?: number;
  /** Where the line stands in the file, counted from 1. */
  readonly line: number;
}

/** A parsed allowed_signers file: parse once, verify many. */
export interface AllowedSigners {
  readonly signers: readonly AllowedSigner[];
}

type Options = Pick<AllowedSigner, 'isAuthority' | 'namespaces' | 'validAfter' | 'validBefore'>;
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

const maxCharacters = 16 * 1024 * 1024;
const space = /^[ \t]+/;

/**
 * Parses an allowed_signers file (ALLOWED SIGNERS in ssh-keygen(1)). Times without `Z` are read in this process's
 * time zone.
 *
 * @throws SignerFileError with the number of the first line that is not as the manual says. A key of a type that is
 * known and not supported (ssh-dss) is no error; it just never matches.
 */
export function parseAllowedSigners(text: string): AllowedSigners {
  if (text.length > maxCharacters) throw new SignerFileError('AllowedSigners', 0, 'the file is too large');
  const signers: AllowedSigner[] = [];
  text.split('\n').forEach((content, index) => {
    const line = content.replace(/\r$/, '').replace(space, '');
    if (line !== '' && !line.startsWith('#')) signers.push(parseLine(line, index + 1));
  });
  return { signers };
}

function parseLine(text: string, line: number): AllowedSigner {
  const { field, rest } = takePrincipals(text, line);
  const principals = field.split(',');
  if (principals.some((pattern) => pattern === '' || pattern === '!')) {
    throw malformed(line, 'the list of principals has an empty entry');
  }
  const { options, rest: keyText } = beginsWithKeyType(rest)
    ? { options: { isAuthority: false }, rest }
    : takeOptions(rest, line);
  const listed = parseKeyLine(keyText);
  if (typeof listed === 'string') throw malformed(line, listed);
  return { principals, listed, line, ...options };
}

/** The first field. Double quotes hold it together where it has spaces. */
function takePrincipals(text: string, line: number): { field: string; rest: string } {
  const match = /^([^ \t"]*)(?:"([^"]*)")?(?:[ \t]+|$)/.exec(text);
  if (match === null)
    throw malformed(line, 'the quotes around the principals are not closed, or not at their end');
  const [all, bare = '', inQuotes = ''] = match;
  const rest = text.slice(all.length);
  if (rest === '') throw malformed(line, 'there is no key');
  return { field: bare + inQuotes, rest };
}

function takeOptions(text: string, line: number): { options: Options; rest: string } {
  const options: Writable<Options> = { isAuthority: false };
  let rest = text;
  for (;;) {
    const match = /^([A-Za-z-]+)(=)?/.exec(rest);
    if (match === null) throw malformed(line, 'there is neither an option nor a key of a known type');
    const [word, name = '', equals] = match;
    rest = rest.slice(word.length);
    if (equals === undefined) {
      setFlag(options, name.toLowerCase(), line);
    } else {
      const { value, rest: after } = takeQuoted(rest, line);
      setValue(options, name.toLowerCase(), value, line);
      rest = after;
    }
    if (rest.startsWith(',')) rest = rest.slice(1);
    else if (space.test(rest)) break;
    else throw malformed(line, rest === '' ? 'there is no key' : 'the options are not separated by commas');
  }
  const { validAfter, validBefore } = options;
  if (validAfter !== undefined && validBefore !== undefined && validBefore <= validAfter) {
    throw malformed(line, 'valid-before is not later than valid-after');
  }
  return { options, rest: rest.replace(space, '') };
}

/** Sets `options` from an option without a value. */
function setFlag(options: Writable<Options>, name: string, line: number): void {
  if (name === 'cert-authority') options.isAuthority = true;
  else if (beginsWithOption(name)) throw malformed(line, `the option ${name} needs a value in double quotes`);
  else throw malformed(line, 'there is an option that is not known, or a key type that is not');
}

/** Sets `options` from an option with a value. */
function setValue(options: Writable<Options>, name: string, value: string, line: number): void {
  switch (name) {
    case 'namespaces':
      if (options.namespaces !== undefined) throw malformed(line, 'namespaces is given twice');
      options.namespaces = value.split(',');
      return;
    case 'valid-after':
      if (options.validAfter !== undefined) throw malformed(line, 'valid-after is given twice');
      options.validAfter = timeOf(value, name, line);
      return;
    case 'valid-before':
      if (options.validBefore !== undefined) throw malformed(line, 'valid-before is given twice');
      options.validBefore = timeOf(value, name, line);
      return;
    default:
      throw malformed(line, 'there is an option that is not known');
  }
}

function beginsWithOption(name: string): boolean {
  return name === 'namespaces' || name === 'valid-after' || name === 'valid-before';
}

/** A value in double quotes, in which `\"` stands for a quote. */
function takeQuoted(text: string, line: number): { value: string; rest: string } {
  const match = /^"([^"\\]*(?:\\.[^"\\]*)*)"/.exec(text);
  if (match === null) throw malformed(line, "an option's value is not in double quotes");
  const [all, inside = ''] = match;
  return { value: inside.replaceAll('\\"', '"'), rest: text.slice(all.length) };
}

function timeOf(value: string, name: string, line: number): number {
  const time = parseTimestamp(value);
  if (time === undefined) throw malformed(line, `${name} is not a time (YYYYMMDD[Z] or YYYYMMDDHHMM[SS][Z])`);
  return time;
}

function malformed(line: number, problem: string): SignerFileError {
  return new SignerFileError('AllowedSigners', line, problem);
}
