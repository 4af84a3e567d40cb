import { beforeEach, describe, expect, it } from 'vitest';
import type {
  Measurement,
  MetricQuestion,
  MetricsSource,
} from '../../../../core/capabilities/metrics-source.ts';
import { metricsUnreachable } from '../../../../core/capabilities/metrics-source-errors.ts';
import type { Ref } from '../../../../core/plugin.ts';
import * as statistics from '../../../../libraries/statistics/index.ts';
import { measureTraffic } from '../../../../libraries/traffic-measures/index.ts';
import { Analyses, type KeptAnalyses, type Order } from '../../../../plugins/rollout/analysis/analyses.ts';
import { evidenceOf, replayVerdict } from '../../../../plugins/rollout/analysis/evidence.ts';
import type { AnalysisTemplateSpec } from '../../../../schemas/generated/analysis-template.ts';

const t0 = 1_700_000_000_000;
const second = 1_000;
const owner = 'Deployment/production/bird-strike' as Ref;
const where = { environment: 'production', deployment: 'bird-strike', model: 'bird-strike' };

const healthy: AnalysisTemplateSpec = {
  args: [{ name: 'most', value: '0.01' }],
  metrics: [
    {
      name: 'error-rate',
      interval: '30s',
      count: 3,
      successCondition: 'result.candidate <= {{args.most}}',
      failureLimit: 1,
      provider: { builtin: { metric: 'errorRate' } },
    },
  ],
};

/** Measures as it is told to, at once or when a test says so. */
class HandSource implements MetricsSource {
  readonly questions: MetricQuestion[] = [];
  answer: (question: MetricQuestion) => Measurement | Promise<Measurement> = () => measurementOf(0);

  async measure(question: MetricQuestion): Promise<Measurement> {
    this.questions.push(question);
    return this.answer(question);
  }
}

function measurementOf(errors: number, stable?: number, alpha?: number): Measurement {
  const sums = {
    candidate: { requests: 1000, errors },
    ...(stable === undefined ? {} : { stable: { requests: 1000, errors: stable } }),
  };
  const query = { metric: 'errorRate', ...(alpha === undefined ? {} : { alpha }) } as const;
  const measured = measureTraffic(query, sums, statistics);
  if ('nothing' in measured) throw new Error(measured.nothing);
  return {
    type: 'value',
    ...measured,
    window: { from: now - 1, to: now },
    observedAt: now,
    statistics: { query, sums },
  };
}

let now: number;
let source: HandSource;
let woken: number;
let kept: KeptAnalyses;
let templates: Record<string, AnalysisTemplateSpec>;
let analyses: Analyses;

beforeEach(() => {
  now = t0;
  source = new HandSource();
  woken = 0;
  kept = {};
  templates = { healthy };
  analyses = begin();
});

function begin(): Analyses {
  return new Analyses({
    sources: {
      names: () => ['builtin'],
      get(name) {
        if (name === 'builtin') return source;
        throw Object.assign(new Error(`no provider "${name}"`), { code: 'ProviderMissing' });
      },
    },
    wake: () => {
      woken++;
    },
    now: () => now,
  });
}

const order: Order = {
  key: 'step-3',
  templates: [{ templateName: 'healthy' }],
  candidate: '1.3.0',
  stable: '1.2.0',
  since: t0 - 60 * second,
};

function advance(...orders: readonly Order[]) {
  const advanced = analyses.advance(
    {
      owner,
      ...where,
      template: (name) => templates[name] && { name, spec: templates[name], digest: `sha256:${name}` },
    },
    orders,
    kept,
  );
  // As a cell does.
  kept = JSON.parse(JSON.stringify(advanced.kept));
  return advanced;
}

/** Lets what was begun come back, and takes it in. */
async function measured(...orders: readonly Order[]) {
  advance(...orders);
  await new Promise((resolve) => setImmediate(resolve));
  return advance(...orders);
}

describe('the analyses that a walk orders', () => {
  it('measure beside it, wake it, and come to a verdict over time', async () => {
    expect(advance(order).verdicts[order.key]?.outcome).toBe('Running');
    await new Promise((resolve) => setImmediate(resolve));
    expect(woken).toBe(1);
    expect(advance(order)).toMatchObject({
      verdicts: { 'step-3': { outcome: 'Running' } },
      checkAfter: 30_000,
    });
    for (let turn = 0; turn < 2; turn++) {
      now += 30 * second;
      await measured(order);
    }
    expect(source.questions).toHaveLength(3);
    expect(advance(order).verdicts[order.key]).toMatchObject({ outcome: 'Successful', isOver: true });
    expect(advance(order).checkAfter).toBeUndefined();
  });

  it('ask about both versions, back to where their step began', async () => {
    await measured(order);
    now += 30 * second;
    await measured(order);
    expect(source.questions).toMatchObject([
      { ...where, variants: { candidate: '1.3.0', stable: '1.2.0' }, windowMs: 60_000 },
      { windowMs: 90_000 },
    ]);
  });

  it('put in what is given, and what is known of every run', async () => {
    templates.healthy = {
      args: [{ name: 'code' }],
      metrics: [
        {
          ...healthy.metrics[0]!,
          provider: {
            builtin: { metric: 'errorRate', output: '{{args.code}} {{run.candidate}} {{run.window}}' },
          },
        },
      ],
    };
    await measured({ ...order, args: [{ name: 'code', value: '5..' }] });
    expect(source.questions[0]?.query).toMatchObject({ output: '5.. 1.3.0 60s' });
  });

  it('fail by more failures than the limit, and tell so once', async () => {
    source.answer = () => measurementOf(50);
    await measured(order);
    now += 30 * second;
    advance(order);
    await new Promise((resolve) => setImmediate(resolve));
    const failed = advance(order);
    expect(failed.verdicts[order.key]?.message).toBe('healthy/error-rate failed 2 > limit 1');
    expect(Object.keys(failed.ended)).toEqual(['step-3']);
    expect(advance(order).ended).toEqual({});
  });

  it('are errors where the source is down, and only after their limit', async () => {
    source.answer = () => {
      throw metricsUnreachable('builtin', 'down');
    };
    const outcomes: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      outcomes.push((await measured(order)).verdicts[order.key]?.outcome ?? '');
      now += 20 * second;
    }
    expect(outcomes).toEqual(['Running', 'Running', 'Running', 'Running', 'Error']);
  });

  it('wait for no source that hangs, and measure it once at a time', async () => {
    source.answer = () => new Promise(() => {});
    await measured(order);
    now += 300 * second;
    expect((await measured(order)).verdicts[order.key]?.outcome).toBe('Running');
    expect(source.questions).toHaveLength(1);
    analyses.close();
  });

  it('go on after a kill with what was kept', async () => {
    await measured(order);
    analyses.close();
    analyses = begin();
    now += 60 * second;
    await measured(order);
    now += 30 * second;
    expect((await measured(order)).verdicts[order.key]?.outcome).toBe('Successful');
    expect(source.questions).toHaveLength(3);
  });

  it('have no data where a condition needs a stable that answered nothing', async () => {
    templates.healthy = {
      metrics: [{ ...healthy.metrics[0]!, successCondition: 'result.candidate <= result.stable' }],
    };
    expect((await measured(order)).verdicts[order.key]).toMatchObject({
      outcome: 'Inconclusive',
      message: 'healthy/error-rate inconclusive 1 > limit 0',
    });
  });

  it('are an error where there is no such template, source or argument, in words', async () => {
    const verdictOf = async (more: Partial<Order>) => {
      const { verdicts } = await measured({ ...order, ...more, key: JSON.stringify(more) });
      return Object.values(verdicts)[0];
    };
    expect(await verdictOf({ templates: [{ templateName: 'helthy' }] })).toMatchObject({
      outcome: 'Error',
      message: 'there is no AnalysisTemplate helthy',
    });
    expect(await verdictOf({ args: [{ name: 'least', value: '1' }] })).toMatchObject({
      message: 'no template takes the argument least: they take most',
    });
    templates.lake = {
      metrics: [{ ...healthy.metrics[0]!, consecutiveErrorLimit: 0, provider: { lake: {} } }],
    };
    await verdictOf({ templates: [{ templateName: 'lake' }] });
    expect(await verdictOf({ templates: [{ templateName: 'lake' }] })).toMatchObject({
      outcome: 'Error',
      message: 'lake/error-rate errored 1 in a row > limit 0',
    });
  });

  it('are looked at once at the end of a fixed time, whatever their delay', async () => {
    templates.healthy = {
      metrics: [{ ...healthy.metrics[0]!, initialDelay: '1h', successCondition: 'true' }],
    };
    const last = { ...order, conclude: 'withLastLook' as const };
    expect((await measured(last)).verdicts[order.key]).toMatchObject({ outcome: 'Successful', isOver: true });
  });

  describe('that go on for as long as they are watched', () => {
    const last = { ...order, conclude: 'withLastLook' as const };
    beforeEach(() => {
      templates.healthy = { args: healthy.args!, metrics: [endless()] };
    });
    const endless = () => {
      const { count: _, failureLimit: __, ...metric } = healthy.metrics[0]!;
      return metric;
    };

    it('look at all of it at the end, however short before they had looked', async () => {
      await measured(order);
      now += 1;
      source.answer = () => measurementOf(50);
      expect((await measured(last)).verdicts[order.key]).toMatchObject({ outcome: 'Failed', isOver: true });
      expect(source.questions).toHaveLength(2);
    });

    it('count no look as the last that was under way when the end came', async () => {
      let answer = (_: Measurement) => {};
      source.answer = () => new Promise((resolve) => (answer = resolve));
      await measured(order);
      now += 1;
      advance(last);
      answer(measurementOf(0));
      source.answer = () => measurementOf(50);
      await new Promise((resolve) => setImmediate(resolve));
      expect((await measured(last)).verdicts[order.key]).toMatchObject({ outcome: 'Failed', isOver: true });
    });

    it('wait for the last look where the source is down, and ask again in its time', async () => {
      await measured(order);
      source.answer = () => {
        throw metricsUnreachable('builtin', 'down');
      };
      for (let turn = 0; turn < 3; turn++) {
        now += 1;
        expect((await measured(last)).verdicts[order.key]).toMatchObject({ outcome: 'Running' });
      }
      expect(source.questions).toHaveLength(2);
      source.answer = () => measurementOf(0);
      now += 20 * second;
      expect((await measured(last)).verdicts[order.key]).toMatchObject({
        outcome: 'Successful',
        isOver: true,
      });
    });

    it('look once more after a kill in between', async () => {
      await measured(order);
      advance(last);
      analyses.close();
      analyses = begin();
      await measured(last);
      expect(source.questions).toHaveLength(3);
      expect(advance(last).verdicts[order.key]).toMatchObject({ outcome: 'Successful', isOver: true });
    });

    it('end with what was seen where nobody waits for more', async () => {
      await measured(order);
      source.answer = () => measurementOf(50);
      const asItIs = { ...order, conclude: 'asItIs' as const };
      expect((await measured(asItIs)).verdicts[order.key]).toMatchObject({
        outcome: 'Successful',
        isOver: true,
      });
    });
  });

  it('end as aborted when nobody asks for them any more', async () => {
    await measured(order);
    const { ended, verdicts } = advance();
    expect(verdicts).toEqual({});
    expect(ended['step-3']?.run.ended).toMatchObject({ type: 'aborted' });
    expect(kept).toEqual({});
  });

  it('save nothing new while nothing is', async () => {
    await measured(order);
    const before = kept;
    expect(analyses.advance({ owner, ...where, template: () => undefined }, [order], before).kept).toBe(
      before,
    );
  });
});

describe('the error budget of an analysis', () => {
  let sure: AnalysisTemplateSpec;
  const fresh = (): AnalysisTemplateSpec => ({
    metrics: [
      {
        name: 'error-rate',
        interval: '30s',
        failureCondition: 'result.lower > 0.01',
        provider: { builtin: { metric: 'errorRate' } },
      },
    ],
  });
  beforeEach(() => {
    sure = fresh();
  });

  function advanceWith(budget: { alpha: number; isDeclared: boolean }, one: Order) {
    const place = {
      owner,
      ...where,
      budget,
      template: () => ({ name: 'sure', spec: sure, digest: 'sha256:sure' }),
    };
    const advanced = analyses.advance(place, [one], kept);
    kept = JSON.parse(JSON.stringify(advanced.kept));
    return advanced;
  }

  it('is what bounds are asked for with, fails what is worse for sure, and is kept with the verdict', async () => {
    // At first it is worse only by its looks.
    const errors = [25, 60];
    source.answer = ({ alpha }) => measurementOf(errors[source.questions.length - 1] ?? 0, 10, alpha);
    const declared = { alpha: 0.06, isDeclared: true };
    const one: Order = { ...order, analyses: 3 };
    let ended: KeptAnalyses = {};
    while (Object.keys(ended).length === 0) {
      advanceWith(declared, one);
      await new Promise((resolve) => setImmediate(resolve));
      ({ ended } = advanceWith(declared, one));
      now += 30 * second;
    }
    expect(source.questions.map(({ alpha }) => alpha)).toEqual([
      expect.closeTo(0.02, 12),
      expect.closeTo(0.02, 12),
    ]);
    const evidence = JSON.parse(JSON.stringify(evidenceOf('step-3', where, ended['step-3']!)));
    expect(evidence.verdict).toMatchObject({
      outcome: 'Failed',
      message: 'sure/error-rate failed 1 > limit 0',
    });
    expect(evidence.analysis.budget).toMatchObject({ alpha: 0.06, analyses: 3, metrics: [{ looks: 'any' }] });
    expect(replayVerdict(evidence)).toEqual({ verdict: evidence.verdict, isSame: true, differences: [] });
    const forged = JSON.parse(JSON.stringify(evidence).replaceAll('"alpha":0.02', '"alpha":0.2'));
    expect(replayVerdict(forged).isSame).toBe(false);
  });

  it('ends a metric at its first success that is sure, where the order asks for that', async () => {
    sure.metrics[0] = { ...sure.metrics[0]!, successCondition: 'result.upper < 0.02', inconclusiveLimit: 99 };
    source.answer = ({ alpha }) => measurementOf(0, 0, alpha);
    const place = { alpha: 0.05, isDeclared: true };
    const look = async (one: Order) => {
      advanceWith(place, one);
      await new Promise((resolve) => setImmediate(resolve));
      return advanceWith(place, one).verdicts[one.key];
    };
    expect(await look(order)).toMatchObject({ outcome: 'Running' });
    kept = {};
    expect(await look({ ...order, endsWhenTold: true })).toMatchObject({
      outcome: 'Successful',
      isOver: true,
    });
    // One that is not judged by bounds goes on: its first success may be chance.
    sure.metrics[0] = { ...sure.metrics[0]!, successCondition: 'result.candidate < 0.02' };
    kept = {};
    expect(await look({ ...order, endsWhenTold: true })).toMatchObject({ outcome: 'Running' });
  });

  it('has no data, in words, where there are no bounds yet', async () => {
    source.answer = ({ alpha }) => measurementOf(0, undefined, alpha);
    await advanceWith({ alpha: 0.05, isDeclared: false }, order);
    await new Promise((resolve) => setImmediate(resolve));
    advanceWith({ alpha: 0.05, isDeclared: false }, order);
    const [metric] = kept['step-3']!.run.metrics;
    expect(metric?.measurements).toMatchObject([
      {
        outcome: 'Inconclusive',
        message: expect.stringContaining('stable answered nothing to compare with'),
      },
    ]);
  });
});

describe('the evidence of a verdict', () => {
  async function evidence() {
    const errors = [5, 50, 5, 70];
    source.answer = () => measurementOf(errors[source.questions.length - 1] ?? 0, 1);
    let ended: KeptAnalyses = {};
    while (Object.keys(ended).length === 0) {
      advance(order);
      await new Promise((resolve) => setImmediate(resolve));
      ({ ended } = advance(order));
      now += 30 * second;
    }
    return evidenceOf('step-3', where, ended['step-3']!);
  }

  it('gives the same verdict again, bit for bit, also after a store has kept it', async () => {
    templates.healthy = {
      metrics: [{ ...healthy.metrics[0]!, count: 9, successCondition: 'result.candidate <= 0.01' }],
    };
    const kept = JSON.parse(JSON.stringify(await evidence()));
    expect(kept.verdict).toMatchObject({
      outcome: 'Failed',
      message: 'healthy/error-rate failed 2 > limit 1',
    });
    expect(replayVerdict(kept)).toEqual({ verdict: kept.verdict, isSame: true, differences: [] });
  });

  it('shows what was changed in it', async () => {
    templates.healthy = {
      metrics: [{ ...healthy.metrics[0]!, count: 9, successCondition: 'result.candidate <= 0.01' }],
    };
    const text = JSON.stringify(await evidence());
    const forged = JSON.parse(text.replaceAll('"failureLimit":1', '"failureLimit":5'));
    const { isSame, differences, verdict } = replayVerdict(forged);
    expect(isSame).toBe(false);
    expect(verdict.outcome).toBe('Running');
    expect(differences.join('\n')).toMatch(/was Failed and is Running/);
    const sums = JSON.parse(text.replaceAll('"errors":70', '"errors":0'));
    expect(replayVerdict(sums).differences.join('\n')).toMatch(/was Failed and is Successful/);
  });
});
