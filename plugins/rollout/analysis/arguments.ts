/** `{{args.name}}` and `{{run.candidate}}` in what a template says. */
export interface Placeholder {
  readonly group: string;
  readonly name: string;
}

/** What is known of every run, without being declared: written `{{run.candidate}}`. */
export const runFacts = ['environment', 'deployment', 'model', 'candidate', 'stable', 'window'] as const;

const pattern = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Those that a text holds. */
export function placeholdersIn(text: string): readonly Placeholder[] {
  return [...text.matchAll(pattern)].map(([, inside = '']) => {
    const dot = inside.indexOf('.');
    return dot < 0
      ? { group: '', name: inside }
      : { group: inside.slice(0, dot), name: inside.slice(dot + 1) };
  });
}

/** A copy in which each `{{group.name}}` whose value is known stands replaced, in all texts of the value. */
export function substitute<T>(value: T, group: string, values: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') {
    return value.replaceAll(pattern, (whole, inside: string) => {
      const name = inside.startsWith(`${group}.`) ? inside.slice(group.length + 1) : undefined;
      return (name === undefined ? undefined : values.get(name)) ?? whole;
    }) as T;
  }
  if (Array.isArray(value)) return value.map((one) => substitute(one, group, values)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, substitute(one, group, values)]),
  ) as T;
}

/** Every text in a value, with its JSON pointer. */
export function* textsIn(value: unknown, pointer: string): Generator<readonly [string, string]> {
  if (typeof value === 'string') yield [value, pointer];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      yield* textsIn(one, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    }
  }
}
