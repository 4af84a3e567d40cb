import type { Finding } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';

/** What contradicts itself in how a deployment runs its versions. Pure. */
export function runtimeFindings({ runtime = {} }: DeploymentSpec): readonly Finding[] {
  const { placement, replicas = 1 } = runtime;
  if (placement !== 'inline' || replicas === 1) return [];
  return [
    {
      code: 'ReplicasNeedWorkers',
      pointer: '/spec/runtime/replicas',
      message: `${replicas} replicas are wanted on one event loop, which runs one thing at a time`,
      hint: 'Remove replicas, or write placement: worker.',
    },
  ];
}

/** In a line of a plan; undefined settings are as the version says. */
export function runtimeInWords({ runtime = {} }: DeploymentSpec): string {
  const { placement = 'auto', replicas = 1, ...session } = runtime;
  const more = Object.entries(session).map(([name, value]) => `${name} ${value}`);
  return [placement, replicas === 1 ? '1 replica' : `${replicas} replicas`, ...more].join(', ');
}
