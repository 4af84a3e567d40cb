import type { ServingStatus } from '../../core/capabilities/serving-runtime.ts';
import type { Outcome } from '../../core/plugin.ts';
import type { KeptAnalyses, Place } from './analysis/analyses.ts';
import type { Verdict } from './analysis/analysis-run.ts';
import type { Course } from './course.ts';
import type { DeploymentControllerOptions } from './deployment-controller.ts';
import type { DeploymentRequest } from './deployment-request.ts';
import { desiredServing } from './desired-serving.ts';
import type { OwedWriting } from './owed-writing.ts';
import type { Versions } from './refusal.ts';
import { remembering } from './remembered-manifest.ts';
import { withEvidence } from './rollback/condemnation.ts';
import { putGitRight } from './rollback/put-git-right.ts';
import { factsOf } from './rollout-facts.ts';
import { recordAnalyses, recordEvents, whereOf } from './rollout-journal.ts';
import type { Decision, Observation, RolloutState, Strategy } from './strategy.ts';

/** One look at a deployment. */
export interface Look {
  readonly request: DeploymentRequest;
  readonly writing: OwedWriting;
  readonly course: Course;
  readonly strategy: Strategy;
  readonly place: Place;
  /** As the registry has them. */
  readonly declaredVersions: Versions;
  /** With what is only remembered of them. */
  readonly versions: Versions;
}

type Means = Pick<DeploymentControllerOptions, 'serving' | 'analyses' | 'rollbacks' | 'metrics' | 'now'>;

/** Decide, declare, look, decide again: a walk that needs no waiting takes this many rounds at most. */
const maxRounds = 8;

/**
 * Decides, writes that down, has the runtime do it, sees what is so then, and decides again, until a decision changes nothing
 * more. Whoever is killed in between goes on where they were.
 */
export async function walkRounds(
  look: Look,
  means: Means,
  before: RolloutState,
  first: Observation,
): Promise<Outcome> {
  const { request, writing, versions } = look;
  const { resource, related, signal } = request;
  let state = before;
  let seen = first;
  let declared: string | undefined;
  let saved: string | undefined = JSON.stringify(writing.cell);
  for (let round = 1; ; round += 1) {
    const decided = await decide(look, means, state, seen, saved);
    const { decision, verdicts } = decided;
    state = decided.state;
    saved = JSON.stringify(state);
    const isLast = round >= maxRounds;
    const isNews = JSON.stringify(verdicts) !== JSON.stringify(seen.analyses);
    if (!writing.allows(state)) {
      // What was just measured may ask for a way back, which is taken all the same.
      if (!isNews || isLast) writing.throwIfFailed();
      seen = { ...seen, analyses: verdicts };
      continue;
    }
    const desired = desiredServing(resource, decision, versions, related);
    const declaration = JSON.stringify([desired.commit, decision.hold, desired.variants, desired.rules]);
    const isSettled = decision.variants.length === 0 || (declaration === declared && !isNews);
    if (writing.failure === undefined && (isSettled || isLast || signal.aborted)) {
      return conclude(look, means, decided, seen);
    }
    writing.owe(state);
    const status = await means.serving.serve(desired, signal);
    writing.throwIfFailed();
    declared = declaration;
    seen = seenNow(seen, means.now(), status, decision, verdicts);
  }
}

interface Decided {
  readonly decision: Decision;
  readonly state: RolloutState;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** When an analysis wants to be looked at again. */
  readonly checkAfter: number | undefined;
}

/** One decision, and all of it written down before it is acted on, so that a kill in between loses none of it. */
async function decide(
  { request, writing, strategy, place, declaredVersions }: Look,
  { analyses, metrics }: Means,
  before: RolloutState,
  seen: Observation,
  saved: string | undefined,
): Promise<Decided> {
  const { resource } = request;
  const written = writtenBy(request, writing);
  const decision = withEvidence(strategy.step(before, seen), before.runs, whereOf(request));
  await recordEvents(written, decision.events, before.runs);
  metrics.happened(resource, decision.events, before.walk !== undefined);
  const { runs: _, untold: __, ...rest } = decision.state;
  const { kept, verdicts, ended, checkAfter } = analyses.advance(
    place,
    decision.analyses ?? [],
    before.runs ?? {},
  );
  const state = remembering(isEmpty(kept) ? rest : { ...rest, runs: kept }, declaredVersions);
  if (!isEmpty(ended)) {
    // First saved, then told, then forgotten: whoever is killed in between tells it once all the same.
    await writing.save({ ...state, untold: ended });
    await recordAnalyses(written, ended);
    metrics.analysed(resource, ended);
  }
  if (!isEmpty(ended) || JSON.stringify(state) !== saved) await writing.save(state);
  return { decision, state, verdicts, checkAfter };
}

/** The request, but for what it is written with. */
export function writtenBy(request: DeploymentRequest, writing: OwedWriting): DeploymentRequest {
  return {
    ...request,
    record: (...entry) => writing.record(...entry),
    save: (state) => writing.save(state),
  };
}

function seenNow(
  before: Observation,
  now: number,
  status: ServingStatus,
  { variants }: Decision,
  verdicts: Decided['verdicts'],
): Observation {
  const { versions, routed, processes, requests, losses, arms } = status;
  return {
    ...before,
    now,
    versions,
    answering: routed ? variants : undefined,
    processes,
    requests,
    losses,
    ...(arms === undefined ? {} : { arms }),
    analyses: verdicts,
  };
}

/** Nothing more is to be done now: what is so is told, and Git is put right where it says something else. */
async function conclude(
  { request, course, versions }: Look,
  { rollbacks, metrics }: Means,
  { decision, state, checkAfter }: Decided,
  seen: Observation,
): Promise<Outcome> {
  const { resource, signal } = request;
  const settled = signal.aborted
    ? { state, outcome: decision.outcome }
    : await putGitRight(request, rollbacks, state, decision.outcome, seen, versions);
  metrics.looked(resource, course, settled.state, settled.outcome);
  const next = soonest(settled.outcome.checkAfter, checkAfter);
  return {
    ...settled.outcome,
    ...(next === undefined ? {} : { checkAfter: next }),
    facts: factsOf(decision, settled.state, course, seen),
  };
}

function soonest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

function isEmpty(analyses: KeptAnalyses): boolean {
  return Object.keys(analyses).length === 0;
}
