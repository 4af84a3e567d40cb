/** A field, wherever it stands in a JSON value. */
export interface NestedField {
  /** JSON pointer (RFC 6901), below the one that was given. */
  readonly pointer: string;
  readonly value: unknown;
}

/** Every field of that name in a JSON value, at any depth, in the order of the value; what lies within one is not looked into. */
export function* nestedFields(value: unknown, name: string, pointer = ''): Generator<NestedField> {
  if (typeof value !== 'object' || value === null) return;
  for (const [field, child] of Object.entries(value)) {
    const at = `${pointer}/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (field === name) yield { pointer: at, value: child };
    else yield* nestedFields(child, name, at);
  }
}
