import type { Admission } from '../capabilities/admission.ts';
import { messageOf, type Providers } from '../plugin.ts';

/** Why a commit is not applied. */
export interface Held {
  readonly commit: string;
  /** `MassRemovalHeld`, `SnapshotRejected` or `DryRun`. */
  readonly reason: string;
  readonly message: string;
}

/**
 * Asks everybody who may refuse a commit. One that cannot say refuses: what is not known to be allowed is not applied,
 * and it is asked again at the next look.
 */
export async function refusalOf(
  commit: string,
  previous: string | null,
  admissions: Providers<Admission>,
): Promise<Held | null> {
  for (const name of admissions.names()) {
    try {
      const verdict = await admissions.get(name).admit({ commit, previous });
      if (verdict.admitted) continue;
      const hint = verdict.hint === undefined ? '' : ` ${verdict.hint}`;
      return rejected(commit, `${verdict.cause}: ${verdict.message}.${hint}`);
    } catch (thrown) {
      return rejected(
        commit,
        `AdmissionUnknown: ${name} cannot say whether it may be applied: ${messageOf(thrown)}`,
      );
    }
  }
  return null;
}

function rejected(commit: string, message: string): Held {
  return { commit, reason: 'SnapshotRejected', message };
}
