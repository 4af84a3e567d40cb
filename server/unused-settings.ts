import type { Logger } from '../core/plugin.ts';
import { meantBy } from '../libraries/did-you-mean/index.ts';
import { builtInPlugins } from './built-in-plugins.ts';
import type { Configuration } from './configuration.ts';

/**
 * Tells of settings that nobody takes. They are no error: a plugin may have any name, and which of them run is for the registry to say,
 * whose platform.yaml comes and goes while the operator's file stays. But a limit with a misspelt name holds nothing.
 */
export function warnOfUnusedSettings(
  settings: Configuration['plugins'],
  running: readonly { readonly name: string }[],
  log: Logger,
): void {
  const names = running.map(({ name }) => name);
  for (const plugin of Object.keys(settings)) {
    if (names.includes(plugin)) continue;
    const isKnown = Object.hasOwn(builtInPlugins, plugin) || settings[plugin]?.module !== undefined;
    const meant = isKnown ? undefined : meantBy(plugin, [...names, ...Object.keys(builtInPlugins)]);
    const hint =
      meant === undefined
        ? 'Name the plugin in platform.yaml, or take its settings away.'
        : `Did you mean plugins.${meant}?`;
    log.warn({ setting: `plugins.${plugin}`, hint }, 'settings are not used: no such plugin runs');
  }
}
