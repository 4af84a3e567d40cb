import { describe, expect, it } from 'vitest';
import type { Finding, Resource } from '../../../core/plugin.ts';
import { environmentKind } from '../../../plugins/environments/environment.ts';
import { environmentController } from '../../../plugins/environments/environment-controller.ts';
import { plugin } from '../../../plugins/environments/index.ts';
import type { EnvironmentSpec } from '../../../schemas/generated/environment.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';
import { requestFor } from '../../fixtures/request.ts';

const environment = (name: string, spec: EnvironmentSpec) => manifestOf(environmentKind, { name }, spec);

function findingsOf(resource: Resource<EnvironmentSpec>, others: readonly Resource[]): readonly Finding[] {
  const all = [resource, ...others];
  return environmentKind.validate?.(resource, relatedTo(environmentKind, resource, all)) ?? [];
}

describe('an environment', () => {
  it('is fine alone, and after the one that it promotes from', () => {
    const dev = environment('dev', { default: true });
    const production = environment('production', { promotesFrom: 'dev' });
    expect(findingsOf(dev, [production])).toEqual([]);
    expect(findingsOf(production, [dev])).toEqual([]);
  });

  it('refers to the one that it promotes from, so that a missing one is an error at its line', () => {
    const references = environmentKind.references?.(environment('production', { promotesFrom: 'staging' }));
    expect(references).toContainEqual({
      to: 'Environment/staging',
      pointer: '/spec/promotesFrom',
      wakes: false,
    });
  });

  it('cannot promote from itself', () => {
    const [finding] = findingsOf(environment('dev', { promotesFrom: 'dev' }), []);
    expect(finding).toMatchObject({
      code: 'PromotionCycle',
      pointer: '/spec/promotesFrom',
      message: 'dev promotes from itself',
    });
  });

  it('cannot stand in a circle of promotions, and says which', () => {
    const one = environment('one', { promotesFrom: 'three' });
    const two = environment('two', { promotesFrom: 'one' });
    const three = environment('three', { promotesFrom: 'two' });
    const [finding] = findingsOf(one, [two, three]);
    expect(finding?.message).toBe(
      'environments promote from one another in a circle: one ← three ← two ← one',
    );
  });

  it('is not blamed for a circle that it only leads into', () => {
    const one = environment('one', { promotesFrom: 'two' });
    const two = environment('two', { promotesFrom: 'one' });
    const outside = environment('outside', { promotesFrom: 'one' });
    expect(findingsOf(outside, [one, two])).toEqual([]);
  });

  it('shares being the default with no other: both are told, so that neither wins by its name', () => {
    const dev = environment('dev', { default: true });
    const staging = environment('staging', { default: true });
    expect(findingsOf(dev, [staging])).toMatchObject([{ code: 'SecondDefault', pointer: '/spec/default' }]);
    expect(findingsOf(staging, [dev])[0]?.message).toContain('dev is the default environment too');
    expect(findingsOf(environment('x', { default: false }), [dev])).toEqual([]);
  });

  it('says in its status whether this process runs it', async () => {
    const controller = environmentController({ runs: (name) => name === 'dev' });
    const dev = requestFor(environmentKind, environment('dev', {}), []);
    const production = requestFor(environmentKind, environment('production', {}), []);
    expect(await controller.reconcile(dev)).toMatchObject({ state: 'ready', reason: 'RunHere' });
    expect(await controller.reconcile(production)).toMatchObject({ state: 'ready', reason: 'NotRunHere' });
  });

  it('belongs to the plugin of that name', () => {
    expect(plugin.name).toBe('environments');
    expect(plugin.kinds?.map(({ kind }) => kind)).toEqual(['Environment']);
  });
});
