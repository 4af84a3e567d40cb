import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { ShownResource } from '../../../cli/client/resources.ts';
import { rolloutView } from '../../../cli/output/rollout.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const inSeconds = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const colours = picocolors.createColors(false);

interface ViewOptions {
  readonly width?: number;
  readonly isLive?: boolean;
  readonly message?: string;
  readonly conditions?: readonly object[];
}

function view(facts: object, options: ViewOptions = {}): string {
  const { width = 80, isLive = true, message = 'canary step 2 of 4', conditions } = options;
  const deployment = {
    metadata: { name: 'bird-strike', environment: 'production' },
    status: {
      facts,
      conditions: conditions ?? [
        { type: 'Ready', status: 'True', reason: 'Serving', message: '1.0.0 answers while 1.1.0 is tried' },
        { type: 'Progressing', status: 'True', reason: 'RollingOut', message },
        { type: 'Degraded', status: 'False', reason: 'Well', message: '' },
      ],
    },
  };
  return rolloutView(deployment as unknown as ShownResource, { now, width, colours, isLive });
}

const rollout = {
  strategy: 'canary',
  from: '1.0.0',
  to: '1.1.0',
  step: 2,
  steps: ['setMirror 50', 'analysis agrees', 'setWeight 10', 'pause 10m'],
  startedAt: inSeconds(-75),
  since: inSeconds(-70),
};
const serving = [
  { version: '1.0.0', role: 'stable', weight: 100 },
  { version: '1.1.0', role: 'shadow', weight: 50 },
];
const agrees = [
  {
    metric: 'agrees/disagreement',
    step: 2,
    outcome: 'Failed',
    result: { candidate: 0.23456, lower: 0.19, upper: 0.281 },
    samples: 310,
    condition: 'result.candidate <= 0.2',
    looks: 3,
    taken: 2,
    count: 4,
    failed: 1,
    until: inSeconds(80),
  },
  {
    metric: 'agrees/shift',
    step: 2,
    outcome: 'Successful',
    result: { candidate: 0.1, stable: 0.2, difference: -0.1, shift: 0.06, lower: -0.012 },
    condition: 'result.upper <= 0.3',
    looks: 1,
    taken: 1,
    count: 4,
    failed: 0,
    until: inSeconds(50),
  },
];
const healthy = [
  {
    metric: 'agrees/errors',
    outcome: 'Inconclusive',
    note: '34 samples, fewer than minSamples 100',
    condition: 'result.candidate <= 0.01',
    looks: 1,
    failed: 0,
  },
  { metric: 'agrees/refused', condition: 'result < 1.0', looks: 0, failed: 0 },
];

describe('the view of a rollout', () => {
  it('shows steps, weights, and each metric with its bounds, its threshold and the time left', () => {
    expect(
      view({ serving, rollout: { ...rollout, measured: [...agrees, ...healthy], bounds: ['P(…) ≤ 0.05'] } }),
    ).toBe(
      `production/bird-strike  1.0.0 → 1.1.0 by canary, begun 1m15s ago

  1.0.0   answers 100 %   stable
  1.1.0   sees 50 %       shadow

  ✓ 1  setMirror 50
  ▸ 2  analysis agrees   about 1m20s left
    ✗ disagreement   0.235 [0.19, 0.281]   candidate <= 0.2    2 of 4, 1 failed…
    ✓ shift          0.06 [−0.012, ∞]      upper <= 0.3        1 of 4
    3  setWeight 10
    4  pause 10m
    beside them: analysis agrees
    ? errors         –                     candidate <= 0.01   1 look, 34 sampl…
    · refused        –                     result < 1.0        0 looks
    P(…) ≤ 0.05

Ready=True Serving
  1.0.0 answers while 1.1.0 is tried
Progressing=True RollingOut
  canary step 2 of 4
`,
    );
  });

  it('wraps what conditions say, and fits every line into the window', () => {
    const message = `production/bird-strike: ${'agrees/disagreement failed 2 > limit 1; '.repeat(5)}decide`;
    const text = view(
      { serving, rollout: { ...rollout, measured: [...agrees, ...healthy], bounds: ['P(…) ≤ 0.05'] } },
      { message },
    );
    expect(text.replace(/\s+/g, ' ')).toContain(message);
    expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  it('differs by no time that passes where it is printed once a change', () => {
    const facts = { serving, rollout: { ...rollout, measured: agrees } };
    const text = view(facts, { isLive: false, width: Number.POSITIVE_INFINITY });
    expect(text).not.toMatch(/ago|left/);
    expect(text).toContain('candidate <= 0.2');
  });

  it('shows what answers where no rollout is under way', () => {
    const one = [{ version: '1.1.0', role: 'stable', weight: 100 }];
    expect(view({ version: '1.1.0', serving: one })).toContain(
      'production/bird-strike  1.1.0\n\n  1.1.0   answers 100 %   stable\n\nReady=True Serving\n',
    );
  });

  it('says of a version that was given up where that was, and a reason once', () => {
    const aborted = { version: '1.3.0', step: 2, steps: 6 };
    const facts = { version: '1.3.0', serving: [{ version: '1.1.0', role: 'stable', weight: 100 }], aborted };
    const message = '1.1.0 answers; 1.3.0 was rolled back';
    const conditions = [
      { type: 'Ready', status: 'False', reason: 'RolledBack', message },
      { type: 'Degraded', status: 'True', reason: 'RolledBack', message },
    ];
    expect(view(facts, { conditions })).toBe(`production/bird-strike  1.3.0 was rolled back in step 2 of 6

  1.1.0   answers 100 %   stable

Ready=False RolledBack, Degraded=True RolledBack
  1.1.0 answers; 1.3.0 was rolled back
`);
  });
});
