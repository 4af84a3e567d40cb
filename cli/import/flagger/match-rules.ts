import type { Fields } from '../fields.ts';
import type { Strategy } from '../manifest.ts';
import { noEqual, sourceInvalid } from '../report.ts';

type Rule = NonNullable<NonNullable<Strategy['abTest']>['match']>[number];
type Condition = Rule['all'][number];

/** Which requests go to the new version: any rule, all of whose conditions hold. */
export function matchRules(analysis: Fields, arm: string): readonly Rule[] {
  return analysis.maps('match').map((rule, index) => {
    const to = `spec.strategy.abTest.match[${index}].all`;
    const all: Condition[] = [];
    for (const [name, place] of [
      ['headers', 'header'],
      ['queryParams', 'query'],
    ] as const) {
      const texts = rule.map(name);
      for (const key of texts?.names() ?? []) {
        const match = texts?.demandMap(key);
        if (match === undefined) continue;
        const test = testOf(match, `${to}[${all.length}]`);
        all.push(place === 'header' ? { header: key, ...test } : { query: key, ...test });
      }
    }
    const [other] = rule
      .names()
      .filter((name) => name !== 'headers' && name !== 'queryParams' && name !== 'name');
    if (other !== undefined) {
      throw noEqual(
        rule.at(other),
        `requests are not led by ${other}`,
        'Lead them by a header or a query parameter.',
      );
    }
    rule.finish('elsewhere', 'it is about the mesh');
    if (all.length === 0) throw sourceInvalid(rule.path, 'it matches by nothing');
    return { all: all as Rule['all'], arm };
  });
}

/** Istio's expressions hold for the whole text; here they are found anywhere in it. */
function testOf(match: Fields, to: string): { equals: string } | { regex: string } {
  const [how, ...others] = match.names();
  const text = how === undefined ? undefined : match.written(how);
  if (how === undefined || others.length > 0 || text === undefined) {
    throw sourceInvalid(match.path, 'it must have one of exact, prefix, suffix and regex');
  }
  switch (how) {
    case 'exact':
      match.imported(how, `${to}.equals`);
      return { equals: text };
    case 'prefix':
      match.note(how, 'imported', 'as a regular expression', `${to}.regex`);
      return { regex: `^${literally(text)}` };
    case 'suffix':
      match.note(how, 'imported', 'as a regular expression', `${to}.regex`);
      return { regex: `${literally(text)}$` };
    case 'regex':
      match.note(how, 'imported', 'with ^ and $ around it', `${to}.regex`);
      return { regex: `^(?:${text})$` };
    default:
      throw noEqual(match.at(how), `a text is not compared by ${how}`);
  }
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
