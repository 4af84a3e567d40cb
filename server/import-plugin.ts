import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImportPlugin } from '../core/host/load-plugins.ts';
import { builtInPlugins } from './built-in-plugins.ts';

export interface PluginLocations {
  /** The folder whose `node_modules` holds the operator's plugins. */
  readonly folder: string;
  /** The operator's settings by plugin; `module` is the path of a plugin that is no package, absolute as configurations are read. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** No paths and no URLs: `import()` would take those, too. */
const packageName = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

/**
 * Finds a plugin by its name: one that comes with Switchyard, one at the path that the operator's configuration gives,
 * or an npm package beside Switchyard or in the operator's folder. A registry can name plugins but never say where their
 * code is.
 */
export function pluginImporter({ folder, settings }: PluginLocations): ImportPlugin {
  return async (name) => {
    if (!packageName.test(name)) throw new TypeError(`"${name}" is not the name of a package`);
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
