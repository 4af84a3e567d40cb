/**
 * Checks the rules of a deployment in the routing table. Here a field that this version does not know is refused: a
 * condition that is not understood would let every request through.
 */
import { RE2JS } from 're2js';
import { messageOf } from '../../../../core/plugin.ts';
import { invalidRoutingTable, list, record, shown, text } from './table-values.ts';

interface Known {
  /** Variants that are no shadows. */
  readonly reachable: ReadonlySet<string>;
  /** All that is pinned. */
  readonly versions: ReadonlySet<string>;
}

export function checkTrafficRules(value: unknown, at: string, { reachable, versions }: Known): void {
  const rules = record(value, at);
  only(rules, ['matches', 'sticky', 'aliases'], at);
  if (rules.matches !== undefined) {
    for (const [index, entry] of list(rules.matches, `${at}/matches`).entries()) {
      checkMatch(entry, `${at}/matches/${index}`, reachable);
    }
  }
  if (rules.sticky !== undefined) checkSticky(rules.sticky, `${at}/sticky`);
  if (rules.aliases !== undefined) {
    for (const [name, version] of Object.entries(record(rules.aliases, `${at}/aliases`))) {
      const where = `${at}/aliases/${name}`;
      if (!/^[a-z][a-z0-9-]*$/.test(name)) {
        throw invalidRoutingTable(where, 'must be named by lower-case letters, digits and hyphens');
      }
      if (!versions.has(text(version, where))) throw invalidRoutingTable(where, `${version} is not pinned`);
    }
  }
}

function checkMatch(value: unknown, at: string, reachable: ReadonlySet<string>): void {
  const rule = record(value, at);
  only(rule, ['all', 'version'], at);
  const version = text(rule.version, `${at}/version`);
  if (!reachable.has(version)) {
    throw invalidRoutingTable(`${at}/version`, `${version} is no variant that answers`);
  }
  const conditions = list(rule.all, `${at}/all`);
  if (conditions.length === 0) throw invalidRoutingTable(`${at}/all`, 'must hold at least one condition');
  for (const [index, entry] of conditions.entries()) {
    const where = `${at}/all/${index}`;
    const condition = record(entry, where);
    only(condition, ['header', 'query', 'equals', 'regex'], where);
    oneOf(condition, ['header', 'query'], where);
    const test = oneOf(condition, ['equals', 'regex'], where, (text) => typeof text === 'string');
    if (test === 'regex') checkRegex(condition.regex as string, `${where}/regex`);
  }
}

function checkSticky(value: unknown, at: string): void {
  const sticky = record(value, at);
  only(sticky, ['by', 'salt'], at);
  text(sticky.salt, `${at}/salt`);
  const by = record(sticky.by, `${at}/by`);
  only(by, ['header', 'cookie', 'query'], `${at}/by`);
  oneOf(by, ['header', 'cookie', 'query'], `${at}/by`);
}

function checkRegex(regex: string, at: string): void {
  try {
    RE2JS.compile(regex);
  } catch (error) {
    throw invalidRoutingTable(at, messageOf(error));
  }
}

function only(value: Record<string, unknown>, known: readonly string[], at: string): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw invalidRoutingTable(`${at}/${name}`, 'is not known here');
  }
}

/** The one of these fields that is there. */
function oneOf(
  value: Record<string, unknown>,
  names: readonly string[],
  at: string,
  fits = (text: unknown): boolean => typeof text === 'string' && text !== '',
): string {
  const given = names.filter((name) => value[name] !== undefined);
  const [name] = given;
  if (name === undefined || given.length > 1) {
    throw invalidRoutingTable(at, `must have exactly one of ${names.join(', ')}`);
  }
  if (!fits(value[name])) {
    throw invalidRoutingTable(`${at}/${name}`, `must be a text, is ${shown(value[name])}`);
  }
  return name;
}
