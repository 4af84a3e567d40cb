import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImportPlugin } from '../core/host/load-plugins.ts';
import { builtInPlugins } from './built-in-plugins.ts';

export interface PluginLocations {
  /** The folder whose `node_modules` holds the operator's plugins. */
  readonly folder: string;
  /** The operator's settings by plugin; `module` is a path of a plugin that is no package. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Finds a plugin by its name: one that comes with Switchyard, one at the path that the operator's configuration gives,
 * or an npm package beside Switchyard or in the operator's folder. A registry can name plugins but never say where their
 * code is.
 */
export function pluginImporter({ folder, settings }: PluginLocations): ImportPlugin {
  return async (name) => {
    const builtIn = Object.hasOwn(builtInPlugins, name) ? builtInPlugins[name] : undefined;
    if (builtIn) return builtIn();
    const path = settings[name]?.module;
    if (typeof path === 'string') return import(pathToFileURL(resolve(folder, path)).href);
    try {
      return await import(name);
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw thrown;
      const found = createRequire(join(folder, 'package.json')).resolve(name);
      return import(pathToFileURL(found).href);
    }
  };
}
