import { dirname, resolve } from 'node:path';
import { type DeclaredPlugin, loadPlugins } from '../core/host/load-plugins.ts';
import type { LoadedPlugin } from '../core/host/plugin-host.ts';
import { openFolderTree, workTree } from '../core/manifest/folder-tree.ts';
import { platformKind } from '../core/manifest/platform.ts';
import { readPlatform } from '../core/manifest/read-platform.ts';
import type { ManifestSource } from '../core/manifest/tree.ts';
import { codeOf, type KindDefinition } from '../core/plugin.ts';
import { defaultPlugins } from '../server/built-in-plugins.ts';
import { type PluginLocations, pluginImporter } from '../server/import-plugin.ts';
import type { Terminal } from './terminal.ts';

export interface RegistryPlace {
  /** The registry's top folder; plugins that are npm packages are looked for in its `node_modules` too. */
  readonly root: string;
  /** A commit of a repository; else the files on disk. */
  readonly repository?: ManifestSource;
  readonly commit?: string;
  /**
   * The operator's configuration file, which says where plugins are that are no packages. Only one that was named counts:
   * what lies in a checkout may come from the very change that is to be judged.
   */
  readonly operatorFile: string | undefined;
}

/** The kinds that a registry's manifests are judged by: those of the plugins that its platform.yaml names. */
export async function registryKinds(place: RegistryPlace): Promise<readonly KindDefinition[]> {
  return kindsOf(await registryPlugins(place));
}

/** The plugins that a registry's platform.yaml names. Throws `PluginNotFound` and the like. */
export async function registryPlugins({
  root,
  repository,
  commit,
  operatorFile,
}: RegistryPlace): Promise<readonly LoadedPlugin[]> {
  const source = repository ?? (await openFolderTree(root));
  const declared = await declaredIn(source, commit ?? workTree);
  const settings = operatorFile === undefined ? {} : await pluginSettings(operatorFile);
  return loadPlugins(declared, pluginImporter({ folder: root, settings }));
}

/** The kinds that come with Switchyard. */
export async function builtInKinds(): Promise<readonly KindDefinition[]> {
  const importPlugin = pluginImporter({ folder: process.cwd(), settings: {} });
  return kindsOf(await loadPlugins(defaultPlugins, importPlugin));
}

/** The kinds of these plugins, and the kernel’s own. */
export function kindsOf(plugins: readonly LoadedPlugin[]): readonly KindDefinition[] {
  return [platformKind, ...plugins.flatMap(({ definition }) => definition.kinds ?? [])];
}

/** The operator's configuration that was named, by the flag or by the environment; never one that just lies there. */
export function operatorFile(
  options: { readonly config?: string },
  { environment, folder }: Pick<Terminal, 'environment' | 'folder'>,
): string | undefined {
  const named = options.config ?? environment.SWITCHYARD_CONFIG;
  return named ? resolve(folder, named) : undefined;
}

/** What the operator's configuration says of plugins. */
export async function pluginSettings(file: string): Promise<PluginLocations['settings']> {
  const { readConfiguration } = await import('../server/configuration.ts');
  const { plugins } = await readConfiguration({
    // Nothing here needs a data folder, and there may be no home to have one in.
    flags: { dataFolder: '.' },
    environment: {},
    folder: dirname(file),
    file,
    terminal: false,
  });
  return plugins;
}

/** A platform.yaml that is not valid is an issue to be shown with the others, so the rest is judged by what is built in. */
async function declaredIn(source: ManifestSource, commit: string): Promise<readonly DeclaredPlugin[]> {
  try {
    return (await readPlatform(source, commit))?.plugins ?? defaultPlugins;
  } catch (error) {
    if (codeOf(error) !== 'PlatformInvalid') throw error;
    return defaultPlugins;
  }
}
