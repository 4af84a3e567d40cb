import type { Registry } from '../../core/capabilities/registry.ts';
import { type Controller, type Outcome, type Ref, ready } from '../../core/plugin.ts';
import { formatDuration } from '../../libraries/duration/index.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import type { Monitors } from './monitors.ts';
import { momentsOf, settleMs } from './schedule.ts';
import { after, begunAnew, factsOf, type MonitorState, newState, statusOf } from './state.ts';

/** So much later than it is due, a check is missed. */
const graceMs = 5 * 60_000;
/** Clocks are set now and then: nobody sleeps for longer. */
const longestSleepMs = 10 * 60_000;

/**
 * Starts checks when they are due, and writes down what came of them. One that was under way when the platform ended is made once
 * more; of those that were missed, one is made.
 */
export function monitorController(
  monitors: Monitors,
  registry: () => Pick<Registry, 'journal'>,
): Controller<MonitorSpec, MonitorState> {
  return {
    plan(change) {
      if (change.type === 'removed')
        return [{ action: 'stop watching', description: `${change.previous.metadata.name} is over` }];
      const { target, window } = change.next.spec;
      const of = window.size === undefined ? `the newest ${window.rows} rows` : `the last ${window.size}`;
      const every = everyOf(change.next.spec);
      return [
        {
          action: 'watch',
          description: `look at ${of} of ${target.environment}/${target.deployment} ${every}`,
        },
      ];
    },

    async reconcile({ resource, related, cell, save, record }) {
      const { ref, digest, spec } = resource;
      const find = (wanted: Ref) => related.get(wanted);
      const { environment } = spec.target;
      if (!monitors.runs(environment)) {
        monitors.forget(ref);
        return ready('RunsElsewhere', `another platform runs ${environment}`);
      }
      let state = cell ?? newState(digest);
      if (state.digest !== digest) state = begunAnew(state, digest);
      const now = monitors.now();
      const { next, afterNext } = momentsOf(spec, now);
      const ended = monitors.runner.take(ref, digest);
      if (ended !== undefined) {
        state = { ...after(state, ended), next: next + settleMs };
        await save(state);
      }
      if (state.owed !== null) {
        const { type, message, data } = state.owed;
        // It may have been written before the platform ended.
        const [newest] = await registry().journal({ ref, type, limit: 1 });
        if (newest?.data.run !== data.run) await record(type, message, data);
        const asked =
          type === 'monitor.breached' ? await monitors.ask(resource, state.owed, find) : undefined;
        state = { ...state, owed: null, asked: asked ?? null };
        await save(state);
      }
      // A clock that was set back would let a check wait for as long.
      const due = state.next === null || now >= state.next || state.next > next + settleMs;
      const isAsked = monitors.takeAsked(ref);
      if ((due || isAsked) && !monitors.runner.has(ref, digest)) {
        const at = due ? lastMoment(state.next, now) : now;
        monitors.runner.start({ resource, find, at, memory: state.memory });
      }
      const isRunning = monitors.runner.has(ref, digest);
      const nextRunBy = (isRunning ? next : Math.max(state.next ?? next, next)) + graceMs;
      monitors.show({ resource, state, nextRunBy });
      if (ended !== undefined) monitors.tell(ref);
      const sleep = isRunning ? afterNext - now : (state.next ?? next) - now;
      return outcomeOf(resource, state, {
        checkAfter: Math.min(longestSleepMs, Math.max(1_000, sleep)),
        nextRunBy,
      });
    },

    async remove({ resource }) {
      monitors.forget(resource.ref);
      return ready('Forgotten', 'nothing is watched any more');
    },
  };
}

/** The end of the window of a check that is due: the moment of its schedule, where that was just now. */
function lastMoment(due: number | null, now: number): number {
  return due !== null && now - due < 60_000 && now >= due ? due - settleMs : now;
}

function outcomeOf(
  { ref }: { readonly ref: Ref },
  state: MonitorState,
  { checkAfter, nextRunBy }: { readonly checkAfter: number; readonly nextRunBy: number },
): Outcome {
  const { verdict, failure, isBreached } = state;
  const facts = factsOf(state, nextRunBy);
  const more = { facts, checkAfter };
  if (failure !== null) {
    const times = failure.times === 1 ? '' : ` (${failure.times} times in a row)`;
    const message = `${failure.message}${times}`;
    return ready('CheckFailed', `${ref} could not be checked`, {
      ...more,
      degraded: { reason: failure.code, message },
    });
  }
  if (verdict === null) return ready('CheckPending', 'the first check is under way', more);
  if (!isBreached) return ready(reasons[statusOf(state)], verdict.message, more);
  const isNow = verdict.status === 'breached';
  const message = isNow ? verdict.message : `${verdict.message}; it was a breach before`;
  return ready(reasons[verdict.status], verdict.message, {
    ...more,
    degraded: { reason: isNow ? verdict.reason : 'BreachNotOver', message },
  });
}

const reasons = {
  ok: 'Unremarkable',
  warning: 'Remarkable',
  breached: 'Breached',
  inconclusive: 'Inconclusive',
  noData: 'NoData',
  error: 'CheckFailed',
} as const;

function everyOf(spec: MonitorSpec): string {
  if (spec.schedule?.cron !== undefined) return `at ${spec.schedule.cron} (UTC)`;
  const { next, afterNext } = momentsOf(spec, 0);
  return `every ${formatDuration(afterNext - next)}`;
}
