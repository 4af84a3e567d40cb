import { defineKind } from '../../core/plugin.ts';
import { type SecretSpec, secretSchema } from '../../schemas/generated/secret.ts';

/** Where values are that must not be seen. */
export const secretKind = defineKind<SecretSpec>({
  kind: 'Secret',
  plural: 'secrets',
  description: 'Where values are that must not be seen: which store has them, and where in it.',
  schema: secretSchema,
  path: 'secrets/{name}.yaml',
  columns: [{ title: 'Description', pointer: '/spec/description' }],
});

/** The one store that a Secret names, and where in it. */
export function storeOf({ store }: SecretSpec): {
  readonly name: string;
  readonly place: Readonly<Record<string, unknown>>;
} {
  const [entry] = Object.entries(store);
  if (entry === undefined) throw new TypeError('the schema lets no Secret without a store pass');
  const [name, place] = entry;
  return { name, place: place as Readonly<Record<string, unknown>> };
}
