import { isDeepStrictEqual } from 'node:util';
import { type Registry, registry } from '../capabilities/registry.ts';
import { type PlatformSpec, platformKind } from '../manifest/platform.ts';
import {
  codeOf,
  definePlugin,
  messageOf,
  type PluginDefinition,
  ready,
  stalled,
  waiting,
} from '../plugin.ts';
import type { DeclaredPlugin } from './load-plugins.ts';
import type { LoadedPlugin } from './plugin-host.ts';

export interface RestartOptions {
  /** What platform.yaml declared when this process started. */
  readonly running: readonly DeclaredPlugin[];
  /** Loads plugins as a start would, and throws where a start would fail. */
  readonly tryLoad: (declared: readonly DeclaredPlugin[]) => Promise<void>;
  /** Starts the control process anew. */
  readonly restart: () => void;
}

/**
 * The kernel's own plugin: it owns the kind Platform and provides the registry. Plugins come and go with a new control process only, so a change
 * of the list asks for one, after a try that the new list can be loaded.
 */
export function platformPlugin(
  plugins: readonly LoadedPlugin[],
  restart: RestartOptions | undefined,
  ownRegistry: Registry | undefined,
): PluginDefinition {
  return definePlugin({
    name: 'kernel',
    description: 'Follows the registry and runs the plugins that platform.yaml names.',
    kinds: [platformKind],
    provides: [registry],
    setup(host) {
      if (ownRegistry !== undefined) host.provide(registry, 'registry', ownRegistry);
      const facts = { plugins: plugins.map(({ definition }) => definition.name) };
      host.control<PlatformSpec, never>(platformKind, {
        async reconcile({ resource, log }) {
          const declared = resource.spec.plugins as readonly DeclaredPlugin[];
          if (restart === undefined || sameAs(declared, restart.running)) {
            return ready('PluginsRunning', `${plugins.length} plugins run`, { facts });
          }
          try {
            await restart.tryLoad(declared);
          } catch (thrown) {
            return stalled(codeOf(thrown), messageOf(thrown), { facts });
          }
          log.info(
            { plugins: declared.map(({ name }) => name) },
            'platform.yaml changed its plugins: restarting',
          );
          restart.restart();
          return waiting('Restarting', 'the control process starts anew with the declared plugins', {
            checkAfter: 60_000,
          });
        },
      });
    },
  });
}

function sameAs(declared: readonly DeclaredPlugin[], running: readonly DeclaredPlugin[]): boolean {
  const plain = (plugins: readonly DeclaredPlugin[]) =>
    plugins.map(({ name, options = {} }) => ({ name, options }));
  return isDeepStrictEqual(plain(declared), plain(running));
}
