import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Outcome, Resource } from '../../core/plugin.ts';
import { nestedFields } from '../../libraries/nested-fields/index.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { analysisTemplateKind } from '../../plugins/rollout/analysis/analysis-template.ts';
import { orderedFindings } from '../../plugins/rollout/analysis/ordered-findings.ts';
import type { StrategySpec } from '../../plugins/rollout/course.ts';
import { strategyFindings } from '../../plugins/rollout/strategy-findings.ts';
import type { AnalysisTemplateSpec } from '../../schemas/generated/analysis-template.ts';
import { deploymentSchema } from '../../schemas/generated/deployment.ts';
import { manifestOf } from '../fixtures/manifest.ts';
import { requestFor } from '../fixtures/request.ts';
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
    const templates = templatesIn([...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml));
    return { file, name: /^# (\w+)$/m.exec(text)?.[1] ?? '', text, strategy, templates };
  });

/** Those that come with `switchyard init`. */
const analyses = packageFile('registry-repo-template/analyses');
const shipped = templatesIn(readdirSync(analyses).map((file) => readFileSync(`${analyses}/${file}`, 'utf8')));

type Template = Pick<Resource<AnalysisTemplateSpec>, 'metadata' | 'spec'>;

function templatesIn(documents: readonly string[]): readonly Template[] {
  return documents
    .map((yaml) => parse(yaml) as Template & { kind?: string })
    .filter(({ kind }) => kind === 'AnalysisTemplate');
}

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

  it.each(pages)('$file names templates that come with a new registry or stand on the page', (page) => {
    const known = new Map([...shipped, ...page.templates].map(({ metadata, spec }) => [metadata.name, spec]));
    const named = [...nestedFields(page.strategy, 'templateName', '')].map(({ value }) => String(value));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect(orderedFindings(page.strategy, known)).toEqual([]);
    for (const { metadata, spec } of page.templates) {
      const template = manifestOf(analysisTemplateKind, metadata, spec);
      const { resource, related } = requestFor(analysisTemplateKind, template, []);
      expect(analysisTemplateKind.validate?.(resource, related), metadata.name).toEqual([]);
    }
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
