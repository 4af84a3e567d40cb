import type { Issue } from '../../core/manifest/issue.ts';
import type { ShownResource } from './resources.ts';

const reasons = new Set(['KeptForReference', 'RemovalHeld']);

/** Why a resource goes on although the newest commit no longer declares it; undefined of all others. */
export function whyKept({ issues }: ShownResource): Issue | undefined {
  return issues.find(({ code }) => reasons.has(code));
}

/** In words, with what to do. */
export function sayWhyKept({ message, hint }: Issue): string {
  return `${message}.${hint === undefined ? '' : ` ${hint}`}`;
}
