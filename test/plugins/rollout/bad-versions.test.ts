import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verb } from '../../../plugins/rollout/commands.ts';
import type { StrategySpec } from '../../../plugins/rollout/course.ts';
import { RolloutWorld } from '../../fixtures/rollout-world.ts';

const names = ['1.0.0', '1.1.0', '1.2.0'] as const;
type Name = (typeof names)[number];
const minute = 60_000;
const templates = [{ templateName: 'healthy' }];

/** Whatever else they do, they judge before the end. */
const strategy: fc.Arbitrary<StrategySpec> = fc.oneof(
  fc
    .array(
      fc.oneof(
        fc.record({ setWeight: fc.integer({ min: 0, max: 100 }) }),
        fc.record({ pause: fc.constantFrom({ duration: '1m' }, { duration: '5m' }) }),
        fc.record({ setMirror: fc.record({ percent: fc.integer({ min: 0, max: 100 }) }) }),
      ),
      { maxLength: 4 },
    )
    .map((steps) => ({ canary: { steps: [...steps, { analysis: { templates } }] } })),
  fc.constant({ blueGreen: { prePromotionAnalysis: { templates } } }),
  fc.constant({ shadow: { percent: 10, duration: '3m', analysis: { templates } } }),
);

type Event =
  | { readonly type: 'declare' | 'deploy' | 'load' | 'remove' | 'restore'; readonly version: Name }
  | { readonly type: 'say'; readonly verb: Verb }
  | { readonly type: 'wait'; readonly minutes: number }
  | { readonly type: 'look' | 'restart' | 'kill' | 'forget' | 'lose what is loaded' };

const version = fc.constantFrom(...names);
const of = <const Types extends readonly Event['type'][]>(...types: Types) =>
  fc.constantFrom(...(types as readonly Types[number][]));
const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: of('declare'), version }) },
  { weight: 4, arbitrary: fc.record({ type: of('deploy'), version }) },
  { weight: 3, arbitrary: fc.record({ type: of('load'), version }) },
  { weight: 1, arbitrary: fc.record({ type: of('remove', 'restore'), version }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: of('say'),
      verb: fc.constantFrom<Verb>('pause', 'resume', 'abort', 'retry'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: of('wait'), minutes: fc.integer({ min: -9, max: 9 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: of('look', 'restart', 'kill', 'forget', 'lose what is loaded') }),
  },
) as fc.Arbitrary<Event>;

/** A world in which analyses tell good versions from bad ones. */
class JudgedWorld extends RolloutWorld {
  readonly #all = this.versions;
  readonly #isBad: (version: string) => boolean;

  constructor(isBad: (version: string) => boolean) {
    super();
    this.#isBad = isBad;
  }

  async happen(one: Event): Promise<void> {
    switch (one.type) {
      case 'declare':
        this.declare({ version: one.version });
        break;
      case 'deploy':
        this.declare({ version: one.version });
        await this.look();
        this.load(one.version);
        break;
      case 'load':
        this.load(one.version);
        break;
      case 'remove':
        this.versions = this.versions.filter(({ metadata }) => metadata.name !== one.version);
        break;
      case 'restore':
        this.restore();
        break;
      case 'say':
        this.#judge();
        await this.say(one.verb);
        return;
      case 'wait':
        this.clock.turn(one.minutes * minute);
        break;
      case 'lose what is loaded':
        this.runtime.restart();
        break;
      case 'restart':
        this.cell = this.cell && JSON.parse(JSON.stringify(this.cell));
        this.restart();
        break;
      case 'forget':
        // With the state and the manifest of what answers both gone, nobody knows what to walk from.
        this.restore();
        this.cell = undefined;
        this.restart();
        break;
      case 'kill': {
        // Everything was acted on, and nothing of it was noted.
        const { cell } = this;
        await this.look();
        this.cell = cell;
        this.restart();
        return;
      }
    }
    await this.look();
  }

  async look() {
    this.#judge();
    return this.reconcile();
  }

  load(name: string): void {
    if (this.runtime.loadingIn(this.key).includes(name)) this.runtime.finish(this.key, name);
  }

  restore(): void {
    this.versions = this.#all;
  }

  /** What is measured is of the version that is declared. */
  #judge(): void {
    const verdict = this.#isBad(this.deployment.spec.version) ? 'Failed' : 'Successful';
    // A retry, which may come with this very look, is another run under another name.
    const attempt = this.cell?.walk?.attempt ?? 0;
    for (const end of ['', `/${attempt + 1}`, `/${attempt + 2}`]) {
      this.verdicts[`background${end}`] = verdict;
      for (let step = 1; step < 9; step += 1) this.verdicts[`step-${step}${end}`] = verdict;
    }
  }
}

describe('a version that its analyses find bad', () => {
  it('never answers alone, and in the end one that was healthy does, whatever happens meanwhile', async () => {
    let walks = 0;
    let rollbacks = 0;
    const property = fc.asyncProperty(
      strategy,
      fc.array(event, { minLength: 10, maxLength: 40 }),
      fc.subarray(['1.1.0', '1.2.0'] as const, { minLength: 1 }),
      async (chosen, events, bad: readonly string[]) => {
        const world = new JudgedWorld((name) => bad.includes(name));
        world.declare({ strategy: chosen });
        await world.deploy('1.0.0');
        const route = () => world.runtime.current('production', 'bird-strike')?.variants ?? [];
        for (const one of events) {
          await world.happen(one);
          const answering = route().filter(({ role }) => role !== 'shadow');
          expect(answering.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
          expect(bad).not.toContain(route().find(({ role }) => role === 'stable')?.version);
          expect(bad).not.toContain(world.cell?.stable?.version);
        }

        world.restore();
        for (let turn = 0; turn < 12; turn += 1) {
          for (const name of names) world.load(name);
          world.clock.turn(6 * minute);
          await world.say('resume');
          await world.look();
        }
        const [only, ...others] = route();
        expect(others).toEqual([]);
        expect(only).toMatchObject({ role: 'stable', weight: 100 });
        expect(bad).not.toContain(only?.version);
        // Exactly one answer: by what is loaded.
        expect(world.runtime.answer(world.key).version).toBe(only?.version);
        const target = world.deployment.spec.version;
        if (!bad.includes(target) && world.cell?.aborted === undefined) expect(only?.version).toBe(target);
        walks += world.journal.filter(({ type }) => type === 'rollout.started').length;
        rollbacks += world.journal.filter(({ type }) => type === 'rollout.rolledBack').length;
      },
    );
    await fc.assert(property, { numRuns: 250 });
    // It says something: many were walked, and many went back.
    expect(walks).toBeGreaterThan(60);
    expect(rollbacks).toBeGreaterThan(20);
  });
});
