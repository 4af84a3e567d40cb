import { type AttachmentRequest, defineKind } from '../../core/plugin.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import { type SecretSpec, secretSchema } from '../../schemas/generated/secret.ts';
import { plaintextFindings } from './plaintext.ts';

/** Where values are that must not be seen. */
export const secretKind = defineKind<SecretSpec>({
  kind: 'Secret',
  plural: 'secrets',
  description: 'Where values are that must not be seen: which store has them, and where in it.',
  schema: secretSchema,
  path: 'secrets/{name}.yaml',
  columns: [{ title: 'Description', pointer: '/spec/description' }],
  validationVersion: '1',

  attachments({ spec, origin }): readonly AttachmentRequest[] {
    const { sops } = spec.store;
    if (sops === undefined) return [];
    // What is encrypted in the manifest itself is checked as a file: its MAC is over all of it.
    if (sops.file === undefined) return [{ path: origin.path, pointer: '/spec/store/sops', read: true }];
    const pointer = '/spec/store/sops/file';
    return [{ path: pathFromManifest({ origin }, sops.file) ?? sops.file, pointer, read: true }];
  },

  validate: (resource) => plaintextFindings(resource),
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
