/** What the server says of itself and of its models, in whatever protocol it is asked. */
import { canAnswer } from '../load/held-version.ts';
import { modelMetadata, serverMetadata } from '../protocol/metadata.ts';
import type { DeploymentRoute } from '../route/deployment-route.ts';
import type { Router } from '../route/router.ts';

export interface Described {
  readonly router: Router;
  readonly isDraining: () => boolean;
  /** Version of Switchyard. */
  readonly serverVersion: string;
}

/** What a request is about. */
export type Target =
  | { readonly what: 'server' | 'live' | 'ready'; readonly environment: string | undefined }
  | {
      readonly what: 'model' | 'modelReady' | 'infer' | 'predict' | 'feedback' | 'statistics';
      readonly environment: string | undefined;
      readonly model: string;
      readonly version: string | undefined;
    };

/** `/v2/models/stats` is of all models, unless one is called so. */
export function asksOfAll(router: Router, target: Target): boolean {
  return (
    target.what === 'model' &&
    target.model === 'stats' &&
    target.version === undefined &&
    !router.has(target.environment, 'stats')
  );
}

export interface Description {
  readonly status: number;
  readonly body: unknown;
  /** Which deployment it tells of: `production/bird-strike`. */
  readonly deployment?: string;
}

/** The status as HTTP has it, and the body. Throws `EnvironmentNotFound`, `ModelNotFound`, `VersionNotFound`, `ModelLoading`, `ModelFailed`. */
export function describe(context: Described, target: Target): Description {
  const { router } = context;
  if (!('model' in target)) {
    if (target.what === 'live') return { status: 200, body: { live: true } };
    if (target.what === 'server') return { status: 200, body: serverMetadata(context.serverVersion) };
    const ready = router.isReady && !context.isDraining();
    return { status: ready ? 200 : 503, body: { ready } };
  }
  const route = router.find(target.environment, target.model);
  if (target.what === 'modelReady') {
    const { version } = target;
    const routed = version === undefined ? undefined : router.choose(route, version);
    const ready = routed === undefined ? (route.applied?.isReady ?? false) : canAnswer(routed.lane.held);
    return {
      status: ready ? 200 : 503,
      body: { name: target.model, ready, ...(ready ? {} : whyNot(route)) },
    };
  }
  const chosen = target.version === undefined ? route.applied?.main : undefined;
  const described = chosen ?? router.choose(route, target.version);
  return {
    status: 200,
    deployment: `${route.environment}/${route.name}`,
    body: modelMetadata(route.name, [...route.held().keys()], described.lane.held.model!),
  };
}

/** What keeps a model from being ready, in the words of errors, where waiting alone will not help. */
function whyNot(route: DeploymentRoute): { readonly error?: string; readonly code?: string } {
  for (const { status } of route.held().values())
    if (status.state === 'failed') return { error: status.message, code: status.reason };
  return {};
}
