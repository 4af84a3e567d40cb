/** `/plugins/monitors/…`: what monitors found, and a check by hand. Answers are JSON. */
import { methodNotAllowed } from '../../libraries/json-requests/index.ts';
import { monitorElsewhere, monitorNotFound } from './errors.ts';
import type { Monitors, ShownMonitor } from './monitors.ts';
import { statusOf } from './state.ts';

/** A check may take longer than whoever asks wants to wait. */
const patienceMs = 60_000;

export interface MonitorRoutes {
  readonly monitors: Monitors;
  /** The environment of a monitor that is applied; undefined where none is. */
  readonly environmentOf: (name: string) => Promise<string | undefined>;
}

export function monitorRoutes({ monitors, environmentOf }: MonitorRoutes) {
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const [first, name, verb, ...rest] = (path.split('?', 1)[0] ?? '')
      .split('/')
      .filter((part) => part !== '');
    if (first !== 'monitors' || rest.length > 0) return undefined;
    if (verb !== undefined && verb !== 'run') return undefined;
    const method = verb === 'run' ? 'POST' : 'GET';
    if (request.method !== method) throw methodNotAllowed(request.method, method);
    if (name === undefined) return Response.json({ items: monitors.all.map(summaryOf) });
    const shown = monitors.get(name);
    if (shown === undefined) {
      const environment = await environmentOf(name);
      if (environment !== undefined && !monitors.runs(environment)) throw monitorElsewhere(name, environment);
      const names = monitors.all.map(({ resource }) => resource.metadata.name);
      throw monitorNotFound(name, names);
    }
    if (verb === undefined) return Response.json(viewOf(shown));
    const isOver = await monitors.run(shown.resource.ref, patienceMs, request.signal);
    return Response.json(viewOf(monitors.get(name) ?? shown), { status: isOver ? 200 : 202 });
  };
}

function summaryOf({ resource, state, nextRunBy }: ShownMonitor) {
  const { verdict, failure, lastRun, isBreached, since, next } = state;
  return {
    name: resource.metadata.name,
    ref: resource.ref,
    target: resource.spec.target,
    status: lastRun === null ? 'pending' : statusOf(state),
    message: failure?.message ?? verdict?.message ?? 'the first check is under way',
    rows: verdict?.window.rows ?? null,
    ...{ isBreached, since, lastRun },
    next: next === null ? null : new Date(next).toISOString(),
    nextRunBy: new Date(nextRunBy).toISOString(),
  };
}

function viewOf(shown: ShownMonitor) {
  const { verdict, failure, history, asked = null } = shown.state;
  return { ...summaryOf(shown), verdict, failure, proposal: asked, history };
}
