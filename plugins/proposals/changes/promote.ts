import type { Examined } from '../../../core/capabilities/registry.ts';
import { alreadyDeployed, noVersionToPromote, versionQuarantined } from '../errors.ts';
import { type Asked, type Change, given, versionKey } from './change.ts';
import {
  type Deployment,
  deploymentIn,
  deploymentsOf,
  environmentNamed,
  modelNamed,
  newestUsable,
  versionNamed,
} from './look-up.ts';
import { offThePath, olderVersion } from './warnings.ts';

export interface PromoteAsked extends Asked {
  readonly model: string;
  /** Default: what the environment before this one answers with, else the newest. */
  readonly version?: string;
  /** The environment. */
  readonly to: string;
  /** The deployment's name, where the environment has several of the model. */
  readonly deployment?: string;
}

/**
 * The line that a promotion changes. Refuses a version that is not there, is quarantined, or is deployed already; warns of
 * one that skips an environment.
 */
export function promote(asked: PromoteAsked): Change {
  const { base, model, to } = asked;
  modelNamed(base, model);
  const environment = environmentNamed(base, to);
  const deployment = deploymentIn(base, model, to, asked.deployment);
  const { promotesFrom } = environment.spec;
  const name = asked.version ?? defaultVersion(base, model, promotesFrom);
  if (name === undefined) throw noVersionToPromote(model);
  const version = versionNamed(base, model, name);
  if (version.spec.quarantine !== undefined) {
    throw versionQuarantined(model, name, version.spec.quarantine.reason);
  }
  const current = deployment.spec.version;
  if (current === name) throw alreadyDeployed(`${to}/${deployment.metadata.name}`, name);
  return {
    intent: {
      key: versionKey(deployment.ref),
      type: 'promote',
      title: `Promote ${model} ${name} to ${to}`,
      files: [versionEdit(deployment, name)],
      trailers: {
        'Switchyard-Model': model,
        'Switchyard-Version': name,
        'Switchyard-Environment': to,
        'Switchyard-Deployment': deployment.metadata.name,
      },
      author: asked.author,
      ...given(asked),
    },
    warnings: [...offThePath(base, model, name, to, promotesFrom), ...olderVersion(current, name)],
  };
}

/** Sets the version of a deployment, if it still is what it is now. */
export function versionEdit({ origin, ref, spec }: Deployment, version: string) {
  const edit = { op: 'set', pointer: '/spec/version', value: version, expected: spec.version } as const;
  return { path: origin.path, ref, edits: [edit] };
}

function defaultVersion(base: Examined, model: string, promotesFrom: string | undefined): string | undefined {
  const before = deploymentsOf(base, model).filter(({ metadata }) => metadata.environment === promotesFrom);
  const versions = new Set(before.map(({ spec }) => spec.version));
  if (promotesFrom !== undefined && versions.size === 1) return [...versions][0];
  return newestUsable(base, model)?.metadata.name;
}
