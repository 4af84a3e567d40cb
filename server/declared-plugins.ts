import { admission } from '../core/capabilities/admission.ts';
import { type DeclaredPlugin, type ImportPlugin, loadPlugins } from '../core/host/load-plugins.ts';
import type { LoadedPlugin } from '../core/host/plugin-host.ts';
import { readPlatform } from '../core/manifest/read-platform.ts';
import { codeOf, type Logger, messageOf } from '../core/plugin.ts';
import type { Commit, Repository } from '../libraries/git/repository.ts';
import { defaultPlugins } from './built-in-plugins.ts';

export interface DeclaredPlugins {
  readonly declared: readonly DeclaredPlugin[];
  readonly loaded: readonly LoadedPlugin[];
}

export interface DeclaredPluginsOptions {
  readonly repository: Repository;
  /** What the followed reference names; undefined while there is no commit. */
  readonly head: string | undefined;
  /** The commit that was applied last; undefined where nothing is known of one. */
  readonly applied: string | undefined;
  readonly importPlugin: ImportPlugin;
  readonly log: Logger;
}

/** How far back in the history of platform.yaml to look for a version that starts. */
const historyLimit = 50;

/**
 * The plugins of the newest platform.yaml that can be started, going back in its history from the commit that was applied
 * last: what was not admitted names no plugins. A broken one must not keep the platform from coming up. The newest is
 * tried first and its failure is logged; with no platform.yaml at all, every built-in plugin. Throws what the newest threw
 * where none can be started.
 *
 * Plugins that admit commits stay where it is not known that the commit which dropped them was itself admitted: those of
 * versions that were passed over, and, where nothing is known of an applied commit, of all earlier versions.
 */
export async function declaredPlugins(options: DeclaredPluginsOptions): Promise<DeclaredPlugins> {
  const { repository, head, importPlugin, log } = options;
  const applied = await present(options.applied, repository);
  const from = applied ?? head;
  const versions =
    from === undefined ? [] : await repository.log(from, { path: 'platform.yaml', limit: historyLimit });
  const { chosen, failure } = await newestThatStarts(versions, options);
  if (chosen === undefined && failure !== undefined) throw failure;
  const { declared, loaded, at } = chosen ?? {
    declared: defaultPlugins,
    loaded: await loadPlugins(defaultPlugins, importPlugin),
    at: versions.length,
  };
  const unproven = [...versions.slice(0, at), ...(applied === undefined ? versions.slice(at + 1) : [])];
  const kept = await admittingPlugins(unproven, declared, options);
  if (kept.length === 0) return { declared, loaded };
  log.warn(
    { plugins: kept.map(({ name }) => name) },
    'plugins that admit commits go on: it is not known that what dropped them was admitted',
  );
  const all = [...declared, ...kept];
  return { declared: all, loaded: [...loaded, ...(await loadPlugins(kept, importPlugin))] };
}

async function newestThatStarts(
  versions: readonly Commit[],
  { repository, importPlugin, log }: DeclaredPluginsOptions,
): Promise<{ readonly chosen?: DeclaredPlugins & { readonly at: number }; readonly failure?: unknown }> {
  let failure: unknown;
  for (const [at, version] of versions.entries()) {
    try {
      const platform = await readPlatform(repository, version.id);
      const declared = platform?.plugins ?? defaultPlugins;
      return { chosen: { declared, loaded: await loadPlugins(declared, importPlugin), at } };
    } catch (thrown) {
      failure ??= thrown;
      log.error(
        { commit: version.id, code: codeOf(thrown), error: messageOf(thrown) },
        'platform.yaml cannot be started with; trying the version before it',
      );
    }
  }
  return { failure };
}

/** Those that versions of platform.yaml declare beyond `known` and that admit commits, as the newest declares them. */
async function admittingPlugins(
  versions: readonly Commit[],
  known: readonly DeclaredPlugin[],
  { repository, importPlugin }: DeclaredPluginsOptions,
): Promise<readonly DeclaredPlugin[]> {
  const names = new Set(known.map(({ name }) => name));
  const found: DeclaredPlugin[] = [];
  for (const version of versions) {
    const platform = await readPlatform(repository, version.id).catch(() => undefined);
    for (const declared of platform?.plugins ?? []) {
      if (names.has(declared.name)) continue;
      names.add(declared.name);
      if (await isAdmitting(declared, importPlugin)) found.push(declared);
    }
  }
  return found;
}

/** One that cannot be loaded any more was taken away by the operator. */
async function isAdmitting({ name, options }: DeclaredPlugin, importPlugin: ImportPlugin): Promise<boolean> {
  try {
    const [plugin] = await loadPlugins([{ name, options }], importPlugin);
    return (plugin?.definition.provides ?? []).some((capability) => capability.name === admission.name);
  } catch {
    return false;
  }
}

/** A commit that the repository still has. */
async function present(commit: string | undefined, repository: Repository): Promise<string | undefined> {
  if (commit === undefined) return undefined;
  try {
    return (await repository.commit(commit)).id;
  } catch (thrown) {
    if (codeOf(thrown) === 'ObjectMissing') return undefined;
    throw thrown;
  }
}
