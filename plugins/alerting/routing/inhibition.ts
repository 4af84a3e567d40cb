import type { Labels } from '../../../core/capabilities/notifier.ts';
import { allMatch } from './matchers.ts';
import type { Inhibition } from './route.ts';

interface Firing {
  readonly id: string;
  readonly labels: Labels;
}

/** Finds what keeps an alert from being told while it fires; undefined where nothing does. */
export function inhibitor(
  inhibitions: readonly Inhibition[],
  firing: readonly Firing[],
): (alert: Firing) => string | undefined {
  // Sources by the labels that must be equal, so that a storm is not compared with itself pair by pair.
  const indexed = inhibitions.map((rule) => {
    const sources = new Map<string, Firing[]>();
    for (const alert of firing) {
      if (!allMatch(rule.source, alert.labels)) continue;
      const key = keyOf(rule, alert.labels);
      const others = sources.get(key);
      if (others === undefined) sources.set(key, [alert]);
      // Two are enough to find one that is another.
      else if (others.length < 2) others.push(alert);
    }
    return { rule, sources };
  });
  return (alert) => {
    for (const { rule, sources } of indexed) {
      if (!allMatch(rule.target, alert.labels)) continue;
      // One of both sorts would inhibit itself, or two each other.
      if (allMatch(rule.source, alert.labels)) continue;
      const source = sources.get(keyOf(rule, alert.labels))?.find(({ id }) => id !== alert.id);
      if (source !== undefined) return source.id;
    }
    return undefined;
  };
}

function keyOf({ equal }: Inhibition, labels: Labels): string {
  return JSON.stringify(equal.map((name) => (Object.hasOwn(labels, name) ? labels[name] : '')));
}
