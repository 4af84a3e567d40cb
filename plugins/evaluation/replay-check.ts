import { isTrialFailed, type ModelTrial, type Trial } from '../../core/capabilities/model-trial.ts';
import type {
  CheckContext,
  CheckVerdict,
  ProposalCheck,
  ProposalSubject,
} from '../../core/capabilities/proposal-check.ts';
import { codeOf, type Host, messageOf, type Resource, refOf } from '../../core/plugin.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import { type Comparison, comparisons, nameOf } from './comparisons.ts';
import { concernsOfPairs } from './concerns-of-pairs.ts';
import { type Answer, type Replayed, replayVerdict } from './replay-verdict.ts';
import {
  type ReplayedRequest,
  type RequestSource,
  readRequests,
  requestSource,
} from './replayed-requests.ts';
import type { EvaluationOptions } from './settings.ts';
import { fromAFork, mayBeFetched, verdictOfFailure, versionToTry } from './tried-version.ts';
import { together } from './verdicts.ts';

export interface ReplaySources {
  /** The operator's folder of recorded requests. */
  readonly folder: string | undefined;
  readonly readBlob: Host['readBlob'];
}

/** Answers requests with both versions, side by side: where they agree, how far numbers move, who fails. */
export function replayCheck(
  trials: () => ModelTrial,
  { folder, readBlob }: ReplaySources,
  options: EvaluationOptions,
): ProposalCheck {
  return {
    title: 'Requests are answered as before',
    version: 1,
    slow: true,

    concerns(subject) {
      return concernsOfPairs(subject, [options.trial, options.replay], ({ metadata }) =>
        JSON.stringify(sourceOf(subject, String(metadata.model))),
      );
    },

    async run(subject, context) {
      const verdicts: { readonly name: string; readonly verdict: CheckVerdict }[] = [];
      for (const pair of comparisons(subject)) {
        const { model } = pair.candidate.metadata;
        const name = `${nameOf(pair.candidate)} beside ${pair.current.metadata.name}`;
        const verdict = mayBeFetched(pair.candidate, subject)
          ? await judge(pair, sourceOf(subject, String(model)), slicesOf(subject, String(model)), context)
          : fromAFork;
        verdicts.push({ name, verdict });
      }
      return together(verdicts);
    },
  };

  function sourceOf(subject: ProposalSubject, name: string): RequestSource {
    return requestSource(folder, name, modelOf(subject, name));
  }

  async function judge(
    pair: Comparison,
    source: RequestSource,
    slices: readonly string[],
    { signal, progress }: CheckContext,
  ): Promise<CheckVerdict> {
    try {
      const requests = await readRequests(source, pair, options.replay.maxRequests, readBlob);
      if (requests.length === 0) {
        return {
          outcome: 'neutral',
          summary: `there is no request to replay through ${nameOf(pair.candidate)}`,
        };
      }
      progress(`replaying ${requests.length} requests`);
      const replayed = await trials().take(signal, async (bench) => {
        const current = await bench.open(versionToTry(pair.current), options.trial);
        const candidate = await bench.open(versionToTry(pair.candidate), options.trial);
        return replay(requests, candidate, current);
      });
      return replayVerdict({ pair, source, slices, replayed, minAgreement: options.replay.minAgreement });
    } catch (thrown) {
      if (codeOf(thrown) === 'RequestsUnusable')
        return { outcome: 'error', summary: `the requests cannot be read: ${messageOf(thrown)}` };
      return verdictOfFailure(thrown, pair.candidate, pair.current);
    }
  }
}

/** One after the other and in turn, so that both have the same conditions. */
async function replay(
  requests: readonly ReplayedRequest[],
  candidate: Trial,
  current: Trial,
): Promise<readonly Replayed[]> {
  const replayed: Replayed[] = [];
  for (const [index, request] of requests.entries()) {
    const sides = { candidate: undefined as Answer | undefined, current: undefined as Answer | undefined };
    const order = index % 2 === 0 ? (['current', 'candidate'] as const) : (['candidate', 'current'] as const);
    for (const side of order)
      sides[side] = await answerOf(side === 'candidate' ? candidate : current, request);
    replayed.push({ request, candidate: sides.candidate!, current: sides.current! });
  }
  return replayed;
}

/** A request that the model refuses is an answer; the end of its process is not. */
async function answerOf(trial: Trial, { inputs }: ReplayedRequest): Promise<Answer> {
  try {
    return await trial.infer(inputs);
  } catch (thrown) {
    if (isTrialFailed(thrown) && thrown.reason === 'InferenceFailed') return { error: thrown.message };
    throw thrown;
  }
}

/** What judges comes from the base branch; only a model that it does not know speaks for itself. */
function modelOf({ base, merged }: ProposalSubject, name: string): Resource<ModelSpec> | undefined {
  const ref = refOf('Model', name);
  return (base.resources.get(ref) ?? merged.resources.get(ref)) as Resource<ModelSpec> | undefined;
}

function slicesOf(subject: ProposalSubject, name: string): readonly string[] {
  return modelOf(subject, name)?.spec.evaluation?.slices ?? [];
}
