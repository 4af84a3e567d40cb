import type { Route } from './route.ts';
import { followEvents } from './routes/events.ts';
import { getHead, look } from './routes/head.ts';
import { getHealth, getReadiness } from './routes/health.ts';
import { listIssues } from './routes/issues.ts';
import { listJournal } from './routes/journal.ts';
import { getKind, listKinds } from './routes/kinds.ts';
import { getMetrics } from './routes/metrics.ts';
import { openapiRoute } from './routes/openapi-document.ts';
import { getPlan, listPlans } from './routes/plans.ts';
import { listPlugins } from './routes/plugins.ts';
import { referencePage } from './routes/reference-page.ts';
import {
  getResource,
  getScopedResource,
  listResources,
  reconcileResource,
  reconcileScopedResource,
} from './routes/resources.ts';
import { acknowledgeSnapshot, getSnapshot, listSnapshots } from './routes/snapshots.ts';
import { getIndex } from './routes/start.ts';
import { receiveWebhook } from './webhooks.ts';

/** Every route of the status API, in the order of its reference. Those of plugins are not among them. */
export function allRoutes({ heartbeatMs }: { readonly heartbeatMs: number }): readonly Route[] {
  const routes: readonly Route[] = [
    getHead,
    look,
    listIssues,
    acknowledgeSnapshot,
    listResources,
    getResource,
    getScopedResource,
    reconcileResource,
    reconcileScopedResource,
    listSnapshots,
    getSnapshot,
    listPlans,
    getPlan,
    listJournal,
    followEvents(heartbeatMs),
    listKinds,
    getKind,
    listPlugins,
    getHealth,
    getReadiness,
    getMetrics,
    receiveWebhook(),
    getIndex,
    ...referencePage(),
  ];
  return [...routes, openapiRoute(routes)];
}
