/** What every builder of a change takes and gives. All are pure: from the resources of the base to an intent. */
import type { Actor } from '../../../core/capabilities/forge.ts';
import type { Intent } from '../../../core/capabilities/proposer.ts';
import type { Examined } from '../../../core/capabilities/registry.ts';
import type { Ref } from '../../../core/plugin.ts';

export interface Asked {
  /** What the base branch says now. */
  readonly base: Examined;
  readonly author: Actor & { readonly email: string };
  /** Why: Markdown. */
  readonly reason?: string;
  readonly labels?: readonly string[];
}

export interface Change {
  readonly intent: Intent;
  /** What is unusual and not forbidden: policy decides. */
  readonly warnings: readonly ChangeWarning[];
}

export interface ChangeWarning {
  /** Stable PascalCase. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** The key of what moves a deployment between versions, forth or back: there is one open proposal of it. */
export function versionKey(deployment: Ref): string {
  return `version:${deployment}`;
}

/** The optional parts of an intent that the asker gave. */
export function given({ reason, labels }: Asked): Pick<Intent, 'reason' | 'labels'> {
  return {
    ...(reason === undefined || reason.trim() === '' ? {} : { reason }),
    ...(labels === undefined ? {} : { labels }),
  };
}
