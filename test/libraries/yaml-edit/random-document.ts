import fc from 'fast-check';
import { seededRandom } from '../../../libraries/statistics/random.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const word = fc.constantFrom(
  'version',
  'name',
  'bird-strike',
  '1.1.0',
  '1.10',
  'no',
  'null',
  '0x1F',
  '2026-11-22',
  'a: b',
  'c #d',
  ' padded ',
  '',
  '- x',
  "it's",
  'say "hi"',
  'two\nlines',
  'two\nlines\n',
  'x, y',
  '{z}',
  '10m',
  '~',
  'true',
  '1e3',
  '*star',
  '&amp',
  '!bang',
  '%',
  '@at',
  'tab\there',
  'ünï',
  '\u0007bell',
  'a/b~c',
  '#',
  'key:',
  '---',
  '...',
  '  lead\nline',
  '\n',
  '=',
  '<<',
);
const key = fc.constantFrom(
  'version',
  'name',
  'spec',
  'model',
  'a/b',
  'c~d',
  'no',
  '1',
  'with space',
  'x: y',
  'zeta',
  'alpha',
  'beta',
  'gamma',
  '-',
  '#c',
);
const scalar: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: word },
  { weight: 2, arbitrary: fc.constantFrom<Json>(0, 1, -7, 0.25, 1e21, 1e-7, 123456789) },
  { weight: 1, arbitrary: fc.constantFrom<Json>(true, false, null) },
);

/** A JSON value with text that YAML makes trouble of. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** A map as the root of a document. */
export const jsonMap: fc.Arbitrary<{ [key: string]: Json }> = fc.dictionary(key, json, {
  minKeys: 1,
  maxKeys: 5,
  noNullPrototype: true,
});

/** How a document is written, chosen by a number: comments, blank lines, quotes, braces, indentation and line endings. */
export function write(value: Json, seed: number): string {
  const random = seededRandom(seed).next;
  const chance = (share: number): boolean => random() < share;
  const step = chance(0.7) ? 2 : 4;
  const listStep = chance(0.6) ? step : 0;
  const hasComments = chance(0.7);
  const isAiry = chance(0.3);
  const flowShare = chance(0.5) ? 0.3 : 0.05;
  let count = 0;

  const lines: string[] = [];
  if (chance(0.2)) lines.push('# yaml-language-server: $schema=x.json');
  if (chance(0.2)) lines.push('--- # begins');
  lines.push(...(isFilled(value) && !chance(flowShare / 3) ? block(value, 0) : [flow(value, 0)]));
  if (hasComments && chance(0.3)) lines.push('# the end');
  if (chance(0.1)) lines.push('...');
  const ending = chance(0.25) ? '\r\n' : '\n';
  const text = lines.join(ending) + (chance(0.8) ? ending : '');
  return (chance(0.1) ? '\uFEFF' : '') + text;

  function block(of: Json, column: number): string[] {
    const margin = ' '.repeat(column);
    const members: string[][] = Array.isArray(of)
      ? of.map((member) => item(member, column))
      : Object.entries(of as object).map(([name, member]) => entry(name, member as Json, column));
    return members.flatMap((member, index) => [
      ...(index > 0 && (isAiry || chance(0.05)) ? [''] : []),
      ...(index > 0 && hasComments && !endsInText(members[index - 1]!) && chance(0.05)
        ? [`${margin}  # deeper ${count++}`]
        : []),
      ...(index > 0 && hasComments && chance(0.15) ? [`${margin}# above ${count++}`] : []),
      ...member,
    ]);
  }

  function entry(name: string, member: Json, column: number): string[] {
    const start = `${' '.repeat(column)}${quoted(name, true)}:`;
    const text = literal(member, column + step);
    if (text !== undefined) return [`${start} ${text[0]}${remark()}`, ...text.slice(1)];
    if (member === null && chance(0.3)) return [start + remark()];
    if (!isFilled(member) || chance(flowShare)) return [`${start} ${flow(member, column + 2)}${remark()}`];
    const above = hasComments && chance(0.1) ? [`${' '.repeat(column + step)}# first ${count++}`] : [];
    const deeper = column + (Array.isArray(member) ? listStep : step);
    return [start + remark(), ...(deeper > column ? above : []), ...block(member, deeper)];
  }

  function item(member: Json, column: number): string[] {
    const margin = ' '.repeat(column);
    const text = literal(member, column + 2);
    if (text !== undefined) return [`${margin}- ${text[0]}${remark()}`, ...text.slice(1)];
    if (!isFilled(member) || chance(flowShare * 2))
      return [`${margin}- ${flow(member, column + 2)}${remark()}`];
    const inner = block(member, column + 2);
    if (hasComments && chance(0.1)) return [`${margin}- # dash ${count++}`, ...inner];
    return [`${margin}- ${inner[0]!.slice(column + 2)}`, ...inner.slice(1)];
  }

  function flow(of: Json, column: number): string {
    if (!isCollection(of)) return quoted(of, false);
    const padding = chance(0.5) ? ' ' : '';
    const members = Array.isArray(of)
      ? of.map((member) => flow(member, column + 2))
      : Object.entries(of).map(([name, member]) => `${quoted(name, true)}: ${flow(member, column + 2)}`);
    const [open, close] = Array.isArray(of) ? '[]' : '{}';
    if (members.length === 0) return `${open}${close}`;
    if (!chance(0.2))
      return `${open}${padding}${members.join(', ')}${chance(0.1) ? ',' : ''}${padding}${close}`;
    const margin = `\n${' '.repeat(column + 2)}`;
    return `${open}${margin}${members.join(`,${margin}`)}${chance(0.5) ? ',' : ''}\n${' '.repeat(column)}${close}`;
  }

  function literal(of: Json, column: number): string[] | undefined {
    if (typeof of !== 'string' || !/^\S[^\r\t]*\n?$/.test(of) || !of.includes('\n') || !chance(0.8))
      return undefined;
    const style = chance(0.5) && !/\n./.test(of) ? '>' : '|';
    const body = of.replace(/\n$/, '').split('\n');
    return [style + (of.endsWith('\n') ? '' : '-'), ...body.map((line) => ' '.repeat(column) + line)];
  }

  function quoted(of: Json, isKey: boolean): string {
    if (typeof of !== 'string') return String(of).replace(/^(-?\d+)e/, '$1.0e');
    const isSimple = /^[a-z][a-z-]+$/.test(of) && !['no', 'null', 'true'].includes(of);
    if (isSimple && chance(0.8)) return of;
    if (/^[\x20-\x7e]*$/.test(of) && chance(0.4)) return `'${of.replaceAll("'", "''")}'`;
    return isKey || chance(0.9) ? JSON.stringify(of) : JSON.stringify(of).replace(/ /g, '\\x20');
  }

  function remark(): string {
    return hasComments && chance(0.2) ? ` # beside ${count++}` : '';
  }
}

/** A comment below it that is indented deeper would be text. */
function endsInText(lines: readonly string[]): boolean {
  return lines.some((line) => /[:-] [|>]/.test(line));
}

function isCollection(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

function isFilled(value: Json): boolean {
  return isCollection(value) && Object.keys(value).length > 0;
}
