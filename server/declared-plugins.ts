import { type DeclaredPlugin, type ImportPlugin, loadPlugins } from '../core/host/load-plugins.ts';
import type { LoadedPlugin } from '../core/host/plugin-host.ts';
import { readPlatform } from '../core/manifest/read-platform.ts';
import { codeOf, type Logger, messageOf } from '../core/plugin.ts';
import type { Repository } from '../libraries/git/repository.ts';
import { defaultPlugins } from './built-in-plugins.ts';

export interface DeclaredPlugins {
  readonly declared: readonly DeclaredPlugin[];
  readonly loaded: readonly LoadedPlugin[];
}

/** How far back in the history of platform.yaml to look for a version that starts. */
const historyLimit = 50;

/**
 * The plugins of the newest platform.yaml that can be started, going back in its history from `commit`: a broken one
 * must not keep the platform from coming up. The newest is tried first and its failure is logged; with no platform.yaml
 * at all, every built-in plugin. Throws what the newest threw where none can be started.
 */
export async function declaredPlugins(
  repository: Repository,
  commit: string | undefined,
  importPlugin: ImportPlugin,
  log: Logger,
): Promise<DeclaredPlugins> {
  const versions =
    commit === undefined ? [] : await repository.log(commit, { path: 'platform.yaml', limit: historyLimit });
  let failure: unknown;
  for (const version of versions) {
    try {
      const platform = await readPlatform(repository, version.id);
      const declared = platform?.plugins ?? defaultPlugins;
      return { declared, loaded: await loadPlugins(declared, importPlugin) };
    } catch (thrown) {
      failure ??= thrown;
      log.error(
        { commit: version.id, code: codeOf(thrown), error: messageOf(thrown) },
        'platform.yaml cannot be started with; trying the version before it',
      );
    }
  }
  if (failure !== undefined) throw failure;
  return { declared: defaultPlugins, loaded: await loadPlugins(defaultPlugins, importPlugin) };
}
