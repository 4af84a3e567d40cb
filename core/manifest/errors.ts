import { type KindDefinition, messageOf, SwitchyardError } from '../plugin.ts';

export const kindSchemaInvalid = (kind: KindDefinition, cause: unknown) =>
  new SwitchyardError(
    'KindSchemaInvalid',
    `the schema of kind ${kind.kind} cannot be used: ${messageOf(cause)}`,
    {
      hint: 'The plugin that owns the kind must repair it.',
      cause,
    },
  );

export const folderNotFound = (path: string, cause: unknown) =>
  new SwitchyardError('FolderNotFound', `${path} is not a folder that can be read`, {
    where: path,
    hint: 'Name a folder of manifests, or a revision of the repository.',
    status: 404,
    cause,
  });
