import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Outcome } from '../../core/plugin.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import type { StrategySpec } from '../../plugins/rollout/course.ts';
import { strategyFindings } from '../../plugins/rollout/strategy-findings.ts';
import { deploymentSchema } from '../../schemas/generated/deployment.ts';
import { RolloutWorld } from '../fixtures/rollout-world.ts';

const folder = packageFile('docs/strategies');
const strategySchema = deploymentSchema.properties.spec.properties.strategy;
const overview = readFileSync(`${folder}/README.md`, 'utf8');
const pages = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .map((file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    const example = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const { strategy } = parse(example) as { strategy: StrategySpec };
    return { file, name: /^# (\w+)$/m.exec(text)?.[1] ?? '', text, strategy };
  });

describe('the pages of strategies', () => {
  it('are one for each strategy that a deployment can have, each with a row in the decision table', () => {
    const known = Object.keys(strategySchema.properties).sort();
    expect(pages.map(({ name }) => name).sort()).toEqual(known);
    for (const { file, name } of pages) {
      expect(overview).toMatch(new RegExp(`^\\| .* \\| \\[\`${name}\`\\]\\(${file}\\) +\\|`, 'm'));
    }
  });

  it.each(pages)('$file shows a strategy that is valid, and raises no doubt', ({ name, strategy }) => {
    expect(Object.keys(strategy)).toEqual([name]);
    const validate = new Ajv({ strict: false }).compile(strategySchema);
    expect(validate(strategy), JSON.stringify(validate.errors)).toBe(true);
    const deployed = { size: 76_211, versions: new Set(['1.0.0', '1.1.0']) };
    expect(strategyFindings(strategy, deployed)).toEqual([]);
  });

  it.each(pages)('$file shows one that is walked to its end', async ({ strategy }) => {
    const { answering, promotions } = await walked(strategy);
    expect(answering.at(-1)).toEqual(['1.1.0 stable 100']);
    expect(answering[0]).toEqual(['1.0.0 stable 100']);
    // The pages of these two say that they wait for a human.
    const isPausing = JSON.stringify(strategy).match(/"pause":\{\}|"autoPromotion":false/) !== null;
    expect(promotions).toBe(isPausing ? 1 : 0);
  });

  it.each(pages.filter(({ name }) => name !== 'direct'))(
    '$file shows one that goes back where its analysis fails',
    async ({ strategy }) => {
      const { answering, world } = await walked(strategy, { failing: true });
      expect(answering.at(-1)).toEqual(['1.0.0 stable 100']);
      expect(world.journal.map(({ type }) => type)).toContain('rollout.rolledBack');
    },
  );
});

/** Walks from 1.0.0 to 1.1.0 by a strategy, with a human who promotes whatever waits, until nothing moves any more. */
async function walked(strategy: StrategySpec, { failing = false } = {}) {
  const world = new RolloutWorld();
  world.declare({ strategy });
  const answering = [answeringIn(await world.deploy('1.0.0'))];
  let promotions = 0;
  await world.deploy('1.1.0');
  for (let turn = 0; turn < 60; turn++) {
    const outcome = await world.reconcile();
    const { progressing } = outcome;
    const now = answeringIn(outcome);
    if (JSON.stringify(now) !== JSON.stringify(answering.at(-1))) answering.push(now);
    if (progressing === undefined) break;
    for (let step = 1; step < 20; step++) world.verdicts[`step-${step}`] = failing ? 'Failed' : 'Successful';
    if (failing) world.verdicts.background = 'Failed';
    world.runtime.requests = { '1.1.0': turn * 1_000 };
    if (progressing.reason === 'Paused') {
      await world.say('promote');
      promotions += 1;
    } else world.clock.turn(10 * 60_000);
  }
  return { answering, promotions, world };
}

function answeringIn({ facts }: Outcome): readonly string[] {
  const { serving } = facts as { serving: { version: string; role: string; weight: number }[] };
  return serving.map(({ version, role, weight }) => `${version} ${role} ${weight}`);
}
