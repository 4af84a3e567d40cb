import { defineCapability } from '../plugin.ts';

/**
 * Says whether the platform may apply a commit. Asked before each new commit, and again about a refused one while it is
 * the newest. Where there is no provider, every commit is admitted; where there are several, all must admit it.
 */
export interface Admission {
  /** Cheap when asked again about the same: nothing that could change the verdict has moved. Throws where it cannot say. */
  admit(question: AdmissionQuestion): Promise<AdmissionVerdict>;
}

export interface AdmissionQuestion {
  readonly commit: string;
  /** The commit that was admitted last, whose configuration judges; null where nothing is known of one. */
  readonly previous: string | null;
}

export type AdmissionVerdict =
  | { readonly admitted: true }
  | {
      readonly admitted: false;
      /** Stable PascalCase: `SignatureMissing`, `ApprovalMissing`, `HistoryRewritten`. */
      readonly cause: string;
      /** Who, what and why, with the commit at fault. */
      readonly message: string;
      readonly hint?: string;
      /**
       * The newest commit below it that may be applied: what somebody puts on top of a good commit does not keep the
       * platform from it, and a platform that has lost its state goes on with it.
       */
      readonly lastAdmitted?: string;
    };

export const admission = defineCapability<Admission>('admission');
