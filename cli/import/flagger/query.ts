import { noEqual } from '../report.ts';

/** What Flagger puts into queries: the names of the workload, and the variables of the metric. */
export interface QueryFacts {
  readonly names: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * A query with what Flagger would put in: `{{ interval }}` becomes the window of the measurement, names and variables the
 * texts that they are. Throws a refusal for any other action of Go's templates.
 */
export function renderQuery(query: string, field: string, facts: QueryFacts): string {
  return query.replaceAll(
    /\{\{(-?)([\s\S]*?)(-?)\}\}/g,
    (whole, before: string, inside: string, after: string) => {
      const action = inside.trim();
      if (before !== '' || after !== '') throw unknownAction(whole, field);
      if (action === 'interval') return '{{run.window}}';
      const name = Object.hasOwn(facts.names, action) ? facts.names[action] : undefined;
      if (name !== undefined) return name;
      const variable = /^variables\.([A-Za-z_][A-Za-z0-9_]*)$/.exec(action)?.[1];
      if (variable === undefined) throw unknownAction(whole, field);
      const value = Object.hasOwn(facts.variables, variable) ? facts.variables[variable] : undefined;
      if (typeof value !== 'string') {
        throw noEqual(field, `the variable ${variable} has no value`, 'Give it under templateVariables.');
      }
      return value;
    },
  );
}

function unknownAction(action: string, field: string): Error {
  return noEqual(
    field,
    `${action} is not understood: names, interval and variables are put into queries`,
    'Write what it becomes.',
  );
}
