/** The log as other plugins see it: each call is one of the process that keeps it. */
import type { PredictionProfile, ProfileQuestion } from '../../core/capabilities/prediction-profile.ts';
import type {
  EndedProcess,
  Erasure,
  FoundPrediction,
  Label,
  LabelMeasure,
  LabelQuestion,
  LabelsTaken,
  LogAnswer,
  LogQuestion,
  PredictionSink,
  SinkStatus,
  SinkTrouble,
} from '../../core/capabilities/prediction-sink.ts';
import type { LogProcess } from './log-process.ts';
import type { LogPaths } from './paths.ts';

export class EmbeddedSink implements PredictionSink {
  readonly place: PredictionSink['place'];
  readonly #process: LogProcess;

  constructor(process: LogProcess, { inbox, keyFile }: LogPaths) {
    this.#process = process;
    this.place = { inbox, keyFile };
  }

  ended(process: EndedProcess): void {
    this.#process.say({ type: 'ended', process });
  }

  query(given: LogQuestion, signal: AbortSignal): Promise<LogAnswer> {
    return this.#process.call({ call: 'query', given }, signal) as Promise<LogAnswer>;
  }

  find(given: string): Promise<readonly FoundPrediction[]> {
    return this.#process.call({ call: 'find', given }) as Promise<readonly FoundPrediction[]>;
  }

  label(given: readonly Label[]): Promise<LabelsTaken> {
    return this.#process.call({ call: 'label', given }) as Promise<LabelsTaken>;
  }

  measureLabels(given: LabelQuestion, signal: AbortSignal): Promise<LabelMeasure> {
    return this.#process.call({ call: 'measureLabels', given }, signal) as Promise<LabelMeasure>;
  }

  profile(given: ProfileQuestion, signal: AbortSignal): Promise<PredictionProfile> {
    return this.#process.call({ call: 'profile', given }, signal) as Promise<PredictionProfile>;
  }

  erase(given: string): Promise<Erasure> {
    return this.#process.call({ call: 'erase', given }) as Promise<Erasure>;
  }

  trouble(): SinkTrouble {
    return this.#process.trouble;
  }

  status(): Promise<SinkStatus> {
    return this.#process.call({ call: 'status', given: null }) as Promise<SinkStatus>;
  }
}
