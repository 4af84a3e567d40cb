/** What the control process and the process of the log say to each other, over IPC. */
import type { ProfileQuestion } from '../../../core/capabilities/prediction-profile.ts';
import type {
  EndedProcess,
  Label,
  LabelQuestion,
  LogQuestion,
  SinkTrouble,
} from '../../../core/capabilities/prediction-sink.ts';
import type { Credentials } from '../../../libraries/object-storage/index.ts';
import type { LogPaths } from '../paths.ts';
import type { LogSettings } from '../settings.ts';
import type { DeploymentRules } from './state.ts';

/** Given as JSON in the environment variable `PREDICTION_LOG`. */
export interface LogStart {
  readonly paths: LogPaths;
  readonly settings: LogSettings;
  /** Of the socket by which two of these processes notice each other. */
  readonly socket: string;
}

export type LogCall =
  | { readonly call: 'query'; readonly given: LogQuestion }
  | { readonly call: 'find'; readonly given: string }
  | { readonly call: 'label'; readonly given: readonly Label[] }
  | { readonly call: 'measureLabels'; readonly given: LabelQuestion }
  | { readonly call: 'profile'; readonly given: ProfileQuestion }
  | { readonly call: 'erase'; readonly given: string }
  | { readonly call: 'status'; readonly given: null }
  | { readonly call: 'flush'; readonly given: null };

export type ToLog =
  | (LogCall & { readonly type: 'call'; readonly id: number })
  /** Nobody waits for its answer any more. */
  | { readonly type: 'abandon'; readonly id: number }
  | { readonly type: 'declare'; readonly rules: Readonly<Record<string, DeploymentRules>> }
  | { readonly type: 'ended'; readonly process: EndedProcess }
  | { readonly type: 'credentials'; readonly credentials: GivenCredentials }
  | { readonly type: 'close' };

/** Of the bucket; or why there are none. */
export type GivenCredentials = Credentials | { readonly problem: string };

export type FromLog =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: CarriedError }
  /** What keeps it from its work: said when it changes. */
  | { readonly type: 'trouble'; readonly trouble: SinkTrouble }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn';
      readonly message: string;
      readonly facts: Readonly<Record<string, unknown>>;
    };

/** An error on its way between processes. */
export interface CarriedError {
  /** Absent where it is none of ours. */
  readonly code?: string;
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
  readonly status?: number;
}
