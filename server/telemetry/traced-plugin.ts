import type { LoadedPlugin } from '../../core/host/plugin-host.ts';
import type { Controller, Host, Outcome, Ref } from '../../core/plugin.ts';

/** Runs a look at a resource, and tells what came of it. */
export type TraceLook = (
  what: 'reconcile' | 'remove',
  ref: Ref,
  look: () => Promise<Outcome>,
) => Promise<Outcome>;

/**
 * The same plugin, whose controllers are watched at work. It is done at the door that every plugin comes in by, so that neither the
 * kernel nor a plugin knows of it.
 */
export function tracedPlugin(plugin: LoadedPlugin, trace: TraceLook): LoadedPlugin {
  const { definition } = plugin;
  return {
    ...plugin,
    definition: {
      ...definition,
      setup: (host, given, options) => definition.setup(tracedHost(host, trace), given, options),
    },
  };
}

function tracedHost(host: Host, trace: TraceLook): Host {
  return {
    ...host,
    control: (kind, controller) => host.control(kind, tracedController(controller, trace)),
  };
}

function tracedController<Spec, Cell>(
  controller: Controller<Spec, Cell>,
  trace: TraceLook,
): Controller<Spec, Cell> {
  return {
    ...(controller.plan === undefined
      ? {}
      : { plan: (change, related) => controller.plan!(change, related) }),
    reconcile: (request) => trace('reconcile', request.resource.ref, () => controller.reconcile(request)),
    ...(controller.remove === undefined
      ? {}
      : {
          remove: (request) => trace('remove', request.resource.ref, () => controller.remove!(request)),
        }),
  };
}
