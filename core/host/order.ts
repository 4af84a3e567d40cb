import { capabilityMissing, pluginCycle } from '../errors.ts';
import type { PluginDefinition } from '../plugin.ts';

/**
 * Orders plugins so that each comes after those that provide what it needs; otherwise as declared.
 * Throws `CapabilityMissing` or `PluginCycle`, by name.
 */
export function orderPlugins(plugins: readonly PluginDefinition[]): PluginDefinition[] {
  const providers = new Map<string, PluginDefinition[]>();
  for (const plugin of plugins) {
    for (const { name } of plugin.provides ?? []) {
      providers.set(name, [...(providers.get(name) ?? []), plugin]);
    }
  }
  const ordered: PluginDefinition[] = [];
  const visit = (plugin: PluginDefinition, path: readonly string[]): void => {
    if (ordered.includes(plugin)) return;
    if (path.includes(plugin.name))
      throw pluginCycle([...path.slice(path.indexOf(plugin.name)), plugin.name]);
    for (const { name, optional } of Object.values(plugin.needs ?? {})) {
      const found = providers.get(name);
      if (!found && !optional) throw capabilityMissing(plugin.name, name);
      for (const provider of found ?? []) if (provider !== plugin) visit(provider, [...path, plugin.name]);
    }
    ordered.push(plugin);
  };
  for (const plugin of plugins) visit(plugin, []);
  return ordered;
}
