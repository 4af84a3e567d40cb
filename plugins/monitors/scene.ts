/** What the parts of a monitor see of a check, and what each of them is. */
import type { PredictionSink } from '../../core/capabilities/prediction-sink.ts';
import type { Ref, Resource } from '../../core/plugin.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import type { Compute } from './compute/jobs.ts';
import type { References } from './references.ts';
import type { Target } from './target.ts';
import type { PartVerdict } from './verdict.ts';

export type Find = (ref: Ref) => Resource | undefined;

/** Which predictions a check looks at. Times are in milliseconds since 1970. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** Of those, the newest so many rows. */
  readonly newest?: number;
  /** With fewer, nothing is judged. */
  readonly minRows: number;
}

export interface Scene {
  readonly spec: MonitorSpec;
  readonly target: Target;
  readonly window: Window;
  /** What the monitor stands on, each as it was last valid. */
  readonly find: Find;
  readonly sink: PredictionSink;
  readonly references: References;
  /** Does what takes more than a few milliseconds, elsewhere. */
  readonly compute: Compute;
  /** What this part remembered after its last check; JSON. Undefined at the first, and after the manifest changed. */
  readonly memory: unknown;
  readonly signal: AbortSignal;
}

export interface Judged extends PartVerdict {
  /** Rows that the window holds, where this part counted them. */
  readonly rows?: number;
  /** To be remembered until the next check; small, JSON. */
  readonly memory?: unknown;
}

/**
 * One part of what a monitor declares. It only judges: when checks run, what becomes of verdicts and who hears of them is not its
 * business. It throws where it cannot judge, and the other parts are heard all the same.
 */
export interface Part {
  readonly name: 'drift' | 'quality' | 'performance';
  /** Whether the manifest asks for it. */
  isDeclared(spec: MonitorSpec): boolean;
  judge(scene: Scene): Promise<Judged>;
}
