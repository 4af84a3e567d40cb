/** What the server says of itself and of its models, in whatever protocol it is asked. */
import { modelMetadata, serverMetadata } from '../protocol/metadata.ts';
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
      readonly what: 'model' | 'modelReady' | 'infer' | 'feedback';
      readonly environment: string | undefined;
      readonly model: string;
      readonly version: string | undefined;
    };

/** The status as HTTP has it, and the body. Throws `EnvironmentNotFound`, `ModelNotFound`, `VersionNotFound`, `ModelLoading`, `ModelFailed`. */
export function describe(
  context: Described,
  target: Target,
): { readonly status: number; readonly body: unknown } {
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
    const ready =
      routed === undefined ? (route.applied?.isReady ?? false) : routed.lane.held.status.state === 'ready';
    return { status: ready ? 200 : 503, body: { name: target.model, ready } };
  }
  const chosen = target.version === undefined ? route.applied?.main : undefined;
  const described = chosen ?? router.choose(route, target.version);
  return {
    status: 200,
    body: modelMetadata(route.name, [...route.held().keys()], described.lane.held.model!),
  };
}
