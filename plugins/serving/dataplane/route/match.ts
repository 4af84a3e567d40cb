/** Rules that lead requests to a version by what they say of themselves. */
import { RE2JS } from 're2js';
import type { MatchCondition, MatchRule } from '../../../../core/capabilities/serving-runtime.ts';
import { headerOf, queryOf, type RequestFacts } from '../http/request-facts.ts';

export interface CompiledMatch<Option> {
  readonly all: readonly ((request: RequestFacts) => boolean)[];
  readonly option: Option;
}

/** Regular expressions are compiled once, and of RE2: their time grows with the text and no further, whoever sends it. */
export function compileMatches<Option>(
  rules: readonly MatchRule[],
  optionOf: (version: string) => Option,
): readonly CompiledMatch<Option>[] {
  return rules.map(({ all, version }) => ({ all: all.map(compile), option: optionOf(version) }));
}

/** Whether all conditions of a rule hold. */
export function fits({ all }: CompiledMatch<unknown>, request: RequestFacts): boolean {
  for (const holds of all) if (!holds(request)) return false;
  return true;
}

function compile({ header, query, equals, regex }: MatchCondition): (request: RequestFacts) => boolean {
  const name = header?.toLowerCase();
  const read =
    name === undefined
      ? (request: RequestFacts) => queryOf(request, query!)
      : (request: RequestFacts) => headerOf(request, name);
  if (regex === undefined) return (request) => read(request) === equals;
  const expression = RE2JS.compile(regex);
  return (request) => {
    const text = read(request);
    return text !== undefined && expression.test(text);
  };
}
