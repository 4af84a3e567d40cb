import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FileToTry, Trial, TrialBench } from '../../core/capabilities/model-trial.ts';
import type { SessionSettings } from '../../core/capabilities/serving-runtime.ts';
import { sessionSettings } from '../../core/capabilities/session-settings.ts';
import { type Resource, refOf } from '../../core/plugin.ts';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { pathOfUri } from '../../libraries/manifest-path/index.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { fileUnreadable } from '../errors.ts';
import type { Terminal } from '../terminal.ts';
import { modelVersionNotFound } from './errors.ts';
import { readRegistryHere } from './registry-here.ts';

/** What is profiled: a version of the registry here, or a file. */
export interface ModelToProfile {
  readonly name: string;
  /** Loads it with these settings in place of its own, or with its own. */
  open(bench: TrialBench, settings: SessionSettings): Promise<Trial>;
}

/** A file of a model that need not be of any registry. Throws `FileUnreadable`. */
export async function fileToProfile(file: string, terminal: Terminal): Promise<ModelToProfile> {
  const path = resolve(terminal.folder, file);
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw fileUnreadable(path, error);
  });
  return { name: file, open: (bench, session) => bench.openFile({ path, session }) };
}

/** `NAME@VERSION` of the registry here, as the work tree has it; without a version, the newest. Throws `ModelVersionNotFound`. */
export async function versionToProfile(named: string, terminal: Terminal): Promise<ModelToProfile> {
  const at = named.lastIndexOf('@');
  const [name, wanted] = at < 0 ? [named, undefined] : [named.slice(0, at), named.slice(at + 1)];
  const { root, version } = await findVersion(name, wanted, terminal);
  const { artifact, signature, examples = [] } = version.spec;
  const { uri, digest, size } = artifact;
  const path = pathOfUri(version, uri);
  const own = sessionSettings(version.spec);
  return {
    name: `${name} ${version.metadata.name}`,
    open(bench, settings) {
      const session = { ...own, ...settings };
      if (path === undefined) {
        const served = { version: version.metadata.name, resource: version };
        return bench.open({ ...served, artifact: { uri, digest, size }, signature, examples, session });
      }
      const file: FileToTry = { path: join(root, path), digest, signature, examples, session };
      return bench.openFile(file);
    },
  };
}

type Version = Resource<ModelVersionSpec>;

async function findVersion(
  model: string,
  wanted: string | undefined,
  terminal: Terminal,
): Promise<{ readonly root: string; readonly version: Version }> {
  const { root, snapshot, issues } = await readRegistryHere(terminal);
  const versions = [...snapshot.resources.values()].filter(
    ({ kind }) => kind === 'ModelVersion',
  ) as Version[];
  const own = versions.filter(({ metadata }) => metadata.model === model).sort(byNumber);
  if (own.length === 0) {
    const models = [...new Set(versions.map(({ metadata }) => String(metadata.model)))];
    const hint = didYouMean(model, models) ?? `Models: ${models.join(', ') || 'none'}.`;
    throw modelVersionNotFound(model, 'the registry here has no version of it', hint);
  }
  const version = wanted === undefined ? own.at(-1) : own.find(({ metadata }) => metadata.name === wanted);
  if (version !== undefined) return { root, version };
  const issue = issues.find((one) => one.ref === refOf('ModelVersion', String(wanted), model));
  const why =
    issue === undefined ? 'the model has no such version' : `${issue.message} (${issue.path}:${issue.line})`;
  const known = own.map(({ metadata }) => metadata.name).join(', ');
  throw modelVersionNotFound(`${model}@${wanted}`, why, `Versions: ${known}.`);
}

/** Pre-releases come before their release. */
function byNumber(one: Version, other: Version): number {
  const [first, second] = [one.metadata.name, other.metadata.name];
  const [bare, otherBare] = [first.split('-')[0] ?? '', second.split('-')[0] ?? ''];
  if (bare !== otherBare) return bare.localeCompare(otherBare, 'en', { numeric: true });
  return (
    Number(first === bare) - Number(second === otherBare) ||
    first.localeCompare(second, 'en', { numeric: true })
  );
}
