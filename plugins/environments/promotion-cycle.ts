import type { Resource } from '../../core/plugin.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';

/**
 * The names on the way from an environment back to itself, along `promotesFrom`; `undefined` where the way ends.
 * A circle that does not pass through `start` is the matter of those on it.
 */
export function promotionCycle(
  start: Resource<EnvironmentSpec>,
  others: readonly Resource<EnvironmentSpec>[],
): readonly string[] | undefined {
  const byName = new Map(others.map((environment) => [environment.metadata.name, environment]));
  const way = [start.metadata.name];
  let from = start.spec.promotesFrom;
  while (from !== undefined) {
    if (from === start.metadata.name) return [...way, from];
    if (way.includes(from)) return undefined;
    way.push(from);
    from = byName.get(from)?.spec.promotesFrom;
  }
  return undefined;
}
