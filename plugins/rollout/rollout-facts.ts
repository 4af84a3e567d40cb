import type { Variant } from '../../core/capabilities/serving-runtime.ts';
import { formatDuration } from '../../libraries/duration/index.ts';
import type { AnalysisSpec, Course, Stage } from './course.ts';
import { measuredIn } from './measured-facts.ts';
import type { Decision, Observation, RolloutState } from './strategy.ts';
import type { Aborted, Walk } from './walk-state.ts';
import { untilOf } from './warm-versions.ts';

/** What a status shows of a deployment. Small, and the same while nothing changes. */
export function factsOf(
  { variants }: Decision,
  state: RolloutState,
  course: Course,
  seen: Observation,
): Readonly<Record<string, unknown>> {
  const { target, answering, processes, keepWarm } = seen;
  const { stable, warm, walk, aborted } = state;
  const known: readonly Variant[] =
    stable === undefined || processes.ready === 0
      ? []
      : [{ version: stable.version, role: 'stable', weight: 100 }];
  return {
    version: target,
    serving: answering ?? (walk?.isBegun === true && processes.ready > 0 ? variants : known),
    warm: warm.map((one) => ({
      version: one.version,
      until: timeOf(untilOf(one, { keepWarm })),
    })),
    ...(walk === undefined || course.stages.length === 0 ? {} : { rollout: rolloutOf(walk, course, state) }),
    ...(aborted === undefined ? {} : { aborted: abortedShown(aborted) }),
    ...lossesShown(seen, answering ?? known),
  };
}

const mostLosses = 3;

/** Processes that ended while they held what answers; the latest last. */
function lossesShown({ losses }: Observation, answering: readonly Variant[]) {
  const all = new Map(
    answering.flatMap(({ version }) => losses[version] ?? []).map((one) => [`${one.at} ${one.message}`, one]),
  );
  if (all.size === 0) return {};
  const latest = [...all.values()].sort((one, other) => one.at - other.at).slice(-mostLosses);
  return { losses: latest.map(({ at, message }) => ({ at: timeOf(at), message })) };
}

/** Without what was measured: the journal and the proposal have it. */
function abortedShown({ evidence: _, ...aborted }: Aborted) {
  return { ...aborted, at: timeOf(aborted.at) };
}

function rolloutOf(walk: Walk, course: Course, { stable, runs = {} }: RolloutState) {
  const stage = course.stages[walk.stage];
  const forMs = stage?.type === 'pause' || stage?.type === 'watch' ? stage.forMs : undefined;
  return {
    strategy: course.name,
    from: stable?.version,
    to: walk.version,
    /** 0 while it is loaded; as many as there are and one more once all are over. */
    step: walk.isBegun ? walk.stage + 1 : 0,
    steps: course.stages.map(stageInWords),
    startedAt: timeOf(walk.startedAt),
    since: timeOf(walk.stageSince),
    ...(walk.isBegun && forMs !== undefined ? { until: timeOf(walk.stageSince + forMs) } : {}),
    ...(walk.paused === undefined ? {} : { paused: { ...walk.paused, at: timeOf(walk.paused.at) } }),
    ...(walk.requests === undefined ? {} : { requests: walk.requests.seen }),
    ...(Object.keys(runs).length === 0 ? {} : { analyses: Object.keys(runs), ...measuredIn(runs) }),
  };
}

/** A stage as it is written: `setWeight 10`, `pause 5m`, `analysis healthy`. */
export function stageInWords(stage: Stage): string {
  switch (stage.type) {
    case 'traffic': {
      const shares = stage.shares.filter(({ of }) => of !== 'stable');
      const [only] = shares;
      if (only === undefined) return 'setWeight 0';
      if (shares.length > 1)
        return `arms ${stage.shares.map(({ of, weight }) => `${of} ${weight}`).join(', ')}`;
      return only.role === 'shadow' ? `setMirror ${only.weight}` : `setWeight ${only.weight}`;
    }
    case 'pause':
      return stage.forMs === undefined ? 'pause until promoted' : `pause ${formatDuration(stage.forMs)}`;
    case 'analysis':
      return `analysis ${namesOf(stage.analysis)}`;
    case 'watch': {
      const bounds = [
        ...(stage.forMs === undefined ? [] : [formatDuration(stage.forMs)]),
        ...(stage.requests === undefined ? [] : [`${stage.requests} requests`]),
        ...(stage.analysis === undefined ? [] : [`analysis ${namesOf(stage.analysis)}`]),
      ];
      return `watch ${bounds.join(', ')}`;
    }
  }
}

function namesOf({ templates }: AnalysisSpec): string {
  return templates.map(({ templateName }) => templateName).join(', ');
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
