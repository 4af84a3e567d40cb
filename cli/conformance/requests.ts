import { Skip, type Subject, type SubjectModel } from './kit.ts';

export const modelPath = (name: string): string => `/v2/models/${encodeURIComponent(name)}`;
export const inferencePath = (name: string): string => `${modelPath(name)}/infer`;

/** The model under test. Skips where there is none. */
export function modelOf({ model }: Subject): SubjectModel {
  if (model === undefined) throw new Skip('no model to ask: name one with --model, or serve the fixtures');
  return model;
}

/** Skips where the server does not have a fixture model. */
export async function needFixture({ hasFixture }: Subject, name: string): Promise<string> {
  if (!(await hasFixture(name)))
    throw new Skip(`the server has no model "${name}": see switchyard conformance --write-fixtures`);
  return name;
}

/** Whether the metadata of the model lists versions that may be asked for. */
export async function listsVersions({ metadata }: Subject, model: string): Promise<boolean> {
  const { versions } = await metadata(model);
  return Array.isArray(versions) && versions.length > 0;
}

/** A version of the model that may be asked for by its name. Skips where metadata lists none. */
export async function listedVersion({ metadata }: Subject, model: string): Promise<string> {
  const { versions } = await metadata(model);
  const [version] = Array.isArray(versions) ? (versions as unknown[]) : [];
  if (typeof version !== 'string') throw new Skip('the metadata of the model lists no versions');
  return version;
}
