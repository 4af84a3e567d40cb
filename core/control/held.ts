import type { Admission } from '../capabilities/admission.ts';
import { messageOf, type Providers } from '../plugin.ts';

/** Why a commit is not applied. */
export interface Held {
  readonly commit: string;
  /** `MassRemovalHeld`, `SnapshotRejected` or `DryRun`. */
  readonly reason: string;
  readonly message: string;
  /** With `SnapshotRejected`, which of its causes: `SignatureMissing`. */
  readonly cause?: string;
}

/** What is held, and the newest commit that may be applied meanwhile, where that is told. */
export interface Refusal {
  readonly held: Held;
  readonly lastAdmitted: string | null;
}

/**
 * Asks everybody who may refuse a commit. One that cannot say refuses: what is not known to be allowed is not applied,
 * and it is asked again at the next look.
 */
export async function refusalOf(
  commit: string,
  previous: string | null,
  admissions: Providers<Admission>,
): Promise<Refusal | null> {
  for (const name of admissions.names()) {
    try {
      const verdict = await admissions.get(name).admit({ commit, previous });
      if (verdict.admitted) continue;
      const hint = verdict.hint === undefined ? '' : ` ${verdict.hint}`;
      return {
        held: rejected(commit, verdict.cause, `${verdict.message}.${hint}`),
        lastAdmitted: verdict.lastAdmitted ?? null,
      };
    } catch (thrown) {
      const words = `${name} cannot say whether it may be applied: ${messageOf(thrown)}`;
      return { held: rejected(commit, 'AdmissionUnknown', words), lastAdmitted: null };
    }
  }
  return null;
}

function rejected(commit: string, cause: string, words: string): Held {
  return { commit, reason: 'SnapshotRejected', message: `${cause}: ${words}`, cause };
}
