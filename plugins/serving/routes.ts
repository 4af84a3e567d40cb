import type { RoutingTable } from './dataplane/interface/routing-table.ts';
import type { InferenceProcess } from './processes/inference-processes.ts';

export interface RouteSources {
  readonly processes: () => readonly InferenceProcess[];
  readonly expected: number | undefined;
  readonly table: () => RoutingTable;
  readonly isTablePersisted: () => boolean;
}

/**
 * Answers `GET /plugins/serving/processes` (who infers, and what they hold) and `GET /plugins/serving/table` (what they
 * are told).
 */
export function servingRoutes(sources: RouteSources) {
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const answer = answers[path.replace(/^\/|\/$/g, '')];
    if (answer === undefined) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const error = {
        code: 'MethodNotAllowed',
        message: `${request.method} is not allowed here`,
        hint: 'Use GET.',
      };
      return Response.json({ error }, { status: 405, headers: { allow: 'GET, HEAD' } });
    }
    return Response.json(answer(sources));
  };
}

const answers: Readonly<Record<string, (sources: RouteSources) => unknown>> = {
  processes: ({ processes, expected, table }) => ({
    expected: expected ?? null,
    revision: table().revision,
    processes: processes().map(describe),
  }),
  table: ({ table, isTablePersisted }) => ({ persisted: isTablePersisted(), table: table() }),
};

function describe({ id, pid, startedAt, state, starts, report }: InferenceProcess): unknown {
  const known = { id, pid, startedAt, state, starts };
  if (report === undefined) return known;
  const { revision, ready, versions, routes, tableError, at, metrics, workerProcessors } = report;
  const { rssBytes, cpuSeconds, connections } = metrics;
  return {
    ...known,
    reportedAt: at,
    revision,
    ready,
    tableError,
    versions,
    routes,
    rssBytes,
    cpuSeconds,
    connections,
    workerProcessors,
  };
}
