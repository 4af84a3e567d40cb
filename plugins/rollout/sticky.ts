import type { KeySource } from '../../core/capabilities/serving-runtime.ts';
import type { Way } from './course.ts';

/** The manifest's `assignment`, as the runtime reads it. */
export function keySource(assignment: {
  readonly header?: string;
  readonly cookie?: string;
  readonly key?: string;
}): KeySource {
  const { header, cookie, key } = assignment;
  if (header !== undefined) return { header };
  return cookie !== undefined ? { cookie } : { query: key! };
}

/** The same whenever this version is walked to, and another for the next: nobody is the first to try each one. */
export function saltOf({ deployment, candidate }: Way): string {
  return `${deployment}/${candidate}`;
}
