import { posix } from 'node:path';
import type { FileEdit } from '../../../core/capabilities/proposer.ts';
import type { Examined } from '../../../core/capabilities/registry.ts';
import type { Resource } from '../../../core/plugin.ts';
import { editRefused, modelInUse, versionInUse } from '../errors.ts';
import { type Asked, type Change, given } from './change.ts';
import { deploymentsOf, modelNamed, type Version, versionNamed, versionsOf } from './look-up.ts';

export interface RetireAsked extends Asked {
  readonly model: string;
  /** Without it, the whole model goes. */
  readonly version?: string;
}

/** Takes a version (or a model with all of them) out of the registry; history keeps it. Refuses while something uses it. */
export function retire(asked: RetireAsked): Change {
  return asked.version === undefined ? retireModel(asked) : retireVersion(asked, asked.version);
}

function retireVersion(asked: RetireAsked, name: string): Change {
  const { base, model } = asked;
  modelNamed(base, model);
  const version = versionNamed(base, model, name);
  const users = [
    ...deploymentsOf(base, model)
      .filter(({ spec }) => spec.version === name)
      .map(({ metadata }) => `${metadata.environment}/${metadata.name}`),
    ...versionsOf(base, model)
      .filter(({ spec }) => spec.parents?.includes(name))
      .map(({ metadata }) => `its successor ${metadata.name}`),
  ];
  if (users.length > 0) throw versionInUse(model, name, users);
  return {
    intent: {
      key: `retire:ModelVersion/${model}/${name}`,
      type: 'retire',
      title: `Retire ${model} ${name}`,
      files: removals(base, [version]),
      trailers: { 'Switchyard-Model': model, 'Switchyard-Version': name },
      author: asked.author,
      ...given(asked),
    },
    warnings: [],
  };
}

function retireModel(asked: RetireAsked): Change {
  const { base, model } = asked;
  const resource = modelNamed(base, model);
  const versions: readonly Version[] = versionsOf(base, model);
  const users = deploymentsOf(base, model).map(({ metadata }) => `${metadata.environment}/${metadata.name}`);
  if (users.length > 0) throw modelInUse(model, users);
  return {
    intent: {
      key: `retire:Model/${model}`,
      type: 'retire',
      title: `Retire ${model}`,
      files: removals(base, [resource, ...versions]),
      trailers: { 'Switchyard-Model': model },
      author: asked.author,
      ...given(asked),
    },
    warnings: [],
  };
}

/** The manifests, and the files beside them that nothing else stands on. */
function removals(base: Examined, going: readonly Resource[]): readonly FileEdit[] {
  const refs = new Set(going.map(({ ref }) => ref));
  const paths = new Set(
    going.flatMap(({ origin, attachments }) => [origin.path, ...attachments.map(({ path }) => path)]),
  );
  for (const resource of base.resources.values()) {
    if (refs.has(resource.ref)) continue;
    if (paths.has(resource.origin.path)) {
      throw editRefused(
        resource.origin.path,
        `it also declares ${resource.ref}`,
        'Move that into a file of its own first.',
      );
    }
    for (const { path } of resource.attachments) paths.delete(path);
  }
  return [...paths]
    .map((path) => posix.normalize(path))
    .sort()
    .map((path) => ({ path, remove: true as const }));
}
