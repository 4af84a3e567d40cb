import type { FoundPrediction } from '../../core/capabilities/prediction-sink.ts';
import { answeredByPreview, nothingKnown } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { whyForPeople } from '../output/history.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { answeredBy, loggedPrediction } from './logged-prediction.ts';
import { isOfPreview, momentOfPrediction, parseMoment } from './moment.ts';
import { withWholeHistory } from './open-history.ts';
import { platformAsked } from './platform-asked.ts';
import type { Provenance } from './provenance.ts';
import { type AtOptions, readJournalUntil } from './run-at.ts';
import { type ServedDeployment, servedAt } from './served-at.ts';
import { registrationOf } from './version-facts.ts';

export interface WhyOptions extends AtOptions {
  readonly at?: string;
}

/** Why an answer was what it was: each deployment that may have given it, with all that stands behind. */
export interface Why {
  /** The prediction that was asked about; null for a question about a model. */
  readonly prediction: string | null;
  /** What the prediction log knows of it: the version that answered, and its shadows. Empty where it is not logged. */
  readonly logged: readonly FoundPrediction[];
  readonly time: string;
  readonly source: 'journal' | 'git';
  readonly commit: string | null;
  readonly answers: readonly (ServedDeployment & { readonly registered: Provenance | null })[];
}

/** Prints what stands behind the answers of a model, or behind one prediction. */
export async function runWhy(subject: string, options: WhyOptions, terminal: Terminal): Promise<number> {
  if (isOfPreview(subject)) throw answeredByPreview(subject);
  const predicted = momentOfPrediction(subject);
  const asked = options.at === undefined ? undefined : parseMoment(options.at, Date.now());
  const time = predicted ?? asked ?? Math.floor(Date.now() / 1000);
  return withWholeHistory(options, terminal, async (repository, head, root) => {
    const model = predicted === undefined ? subject : options.model;
    const api = await platformAsked(options, root, repository, terminal);
    const journal = await readJournalUntil(time, api, options);
    const logged =
      predicted === undefined || api === undefined ? [] : await loggedPrediction(subject, api, options);
    const answered = answeredBy(logged);
    const served = await servedAt(repository, head, {
      time,
      journal,
      ...(answered === undefined ? {} : { answered }),
      ...(options.env === undefined ? {} : { environment: options.env }),
      ...(model === undefined ? {} : { model }),
    });
    if (served.deployments.length === 0) {
      throw nothingKnown(
        model === undefined ? 'what answered then' : `the model ${model} at ${served.time}`,
        root,
      );
    }
    const answers = [];
    for (const deployment of served.deployments) {
      const { model: name, version } = deployment;
      const registered = await registrationOf(repository, served.commit ?? head, name, version);
      answers.push({ ...deployment, registered });
    }
    const why: Why = {
      prediction: predicted === undefined ? null : subject,
      logged,
      time: served.time,
      source: served.source,
      commit: served.commit,
      answers,
    };
    terminal.out(options.output ? structured(why, options.output) : whyForPeople(why, terminal));
    return exitCodes.success;
  });
}
