import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { duration } from '../../cli/output/age.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { builtInRules } from '../../plugins/alerting/rules/built-in.ts';
import { deploymentKind } from '../../plugins/rollout/deployment.ts';
import { promisedLevel } from '../../plugins/rollout/promised-level.ts';
import { burnRules } from '../../plugins/slo/burn.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import { manifestOf } from '../fixtures/manifest.ts';
import { day, hour, minute, SloWorld } from '../plugins/slo/slo-world.ts';

const page = readFileSync(packageFile('docs/slo.md'), 'utf8');
const rows = [
  ...page.matchAll(/^\| `(slo-burns-\w+)` +\| (\w+) +\| (\S+) and (\S+) +\| (\S+) +\| (.*) \|$/gm),
];

/** What the page's columns say: the share that fails, and in which steps time passes. */
const trials = [
  { bad: 1, step: minute },
  { bad: 0.008, step: minute },
  { bad: 0.002, step: 30 * minute },
  { bad: 0.0005, step: 30 * minute },
];

it('docs/slo.md says after how long each pair of windows holds, for the deployment that it shows', async () => {
  const { metadata, spec } = parse(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '') as {
    metadata: { name: string; environment: string };
    spec: DeploymentSpec;
  };
  const promise = promisedLevel(manifestOf<DeploymentSpec>(deploymentKind, metadata, spec));
  if (promise === undefined) throw new Error('it promises nothing');
  const found: string[][] = burnRules.map(() => []);
  for (const { bad, step } of trials) {
    const world = new SloWorld();
    world.promise = { ...promise, environment: 'production', deployment: 'geese' };
    await world.open();
    await world.passes(3 * day, { step: 10 * minute, requests: 10_000 });
    const after = new Map<string, number>();
    const from = world.now;
    const longest = bad < 0.001 ? 10 * day : 40 * hour;
    while (world.now - from < longest && after.size < burnRules.length) {
      await world.passes(step, { step, requests: (1000 * step) / minute, bad });
      for (const { rule } of world.standing().burning) {
        if (!after.has(rule.name)) after.set(rule.name, world.now - from);
      }
    }
    for (const [index, { name }] of burnRules.entries()) {
      const time = after.get(name);
      found[index]?.push(time === undefined ? 'never' : duration(time));
    }
    world.close();
  }
  expect(rows.map((row) => row[6]?.split('|').map((cell) => cell.trim()))).toEqual(found);
});

it('docs/slo.md names the windows, rates and alerts that there are', () => {
  const severities = new Map(builtInRules().map(({ name, severity }) => [name, severity]));
  const alerts = { fast: 'slo-burns-fast', slow: 'slo-burns-slowly' } as const;
  expect(rows.map(([, ...cells]) => cells.slice(0, 5))).toEqual(
    burnRules.map(({ speed, longMs, shortMs, rate }) => [
      alerts[speed],
      severities.get(alerts[speed]),
      duration(longMs),
      duration(shortMs),
      String(rate),
    ]),
  );
});
