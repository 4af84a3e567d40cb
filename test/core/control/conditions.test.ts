import { describe, expect, it } from 'vitest';
import { differs, statusFrom } from '../../../core/control/conditions.ts';
import { ready, stalled, waiting } from '../../../core/plugin.ts';
import { resourceOf } from '../../fixtures/resources.ts';

const resource = resourceOf({ kind: 'Model', name: 'bird-strike' });
const observed = (time: string, previous?: ReturnType<typeof statusFrom>) => ({
  resource,
  commit: 'c1',
  time,
  previous,
});

describe('conditions', () => {
  it('say Ready=True with the reason of a ready outcome', () => {
    const status = statusFrom(ready('Serving', 'answers'), observed('t1'));
    expect(status.conditions).toEqual([
      {
        type: 'Ready',
        status: 'True',
        reason: 'Serving',
        message: 'answers',
        observedCommit: 'c1',
        lastTransitionTime: 't1',
      },
    ]);
  });

  it('say Ready=False and Progressing=True while waiting', () => {
    const status = statusFrom(waiting('Loading', 'soon', { checkAfter: 10 }), observed('t1'));
    expect(status.conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Ready=False',
      'Progressing=True',
    ]);
  });

  it('say Progressing=False/Stalled when a human is needed', () => {
    const status = statusFrom(stalled('DigestMismatch', 'not the declared bytes'), observed('t1'));
    expect(status.conditions[1]).toMatchObject({ type: 'Progressing', status: 'False', reason: 'Stalled' });
  });

  it('may be Ready and Progressing and Degraded at once', () => {
    const because = { reason: 'Why', message: 'because' };
    const outcome = ready('Serving', 'the old version answers', { progressing: because, degraded: because });
    const { conditions } = statusFrom(outcome, observed('t1'));
    expect(conditions.map(({ status }) => status)).toEqual(['True', 'True', 'True']);
  });

  it('keep the time of the last transition until the status changes', () => {
    const first = statusFrom(ready('Serving', 'one'), observed('t1'));
    const second = statusFrom(ready('Serving', 'two'), observed('t2', first));
    const third = statusFrom(stalled('Broken', 'three'), observed('t3', second));
    expect(second.conditions[0]?.lastTransitionTime).toBe('t1');
    expect(third.conditions[0]?.lastTransitionTime).toBe('t3');
  });

  it('show InvalidManifest while the newest document is broken, whatever the last good one does', () => {
    const status = statusFrom(ready('Serving', 'fine'), {
      ...observed('t1'),
      invalid: { reason: 'InvalidManifest', message: 'models/a.yaml:3:1: unknown field' },
    });
    expect(status.conditions[0]).toMatchObject({ status: 'False', reason: 'InvalidManifest' });
  });

  it('differ by reason, message and facts, but not by time', () => {
    const first = statusFrom(ready('Serving', 'one'), observed('t1'));
    expect(differs(first, statusFrom(ready('Serving', 'one'), observed('t2')))).toBe(false);
    expect(differs(first, statusFrom(ready('Serving', 'two'), observed('t1')))).toBe(true);
    expect(differs(first, statusFrom(ready('Serving', 'one', { facts: { a: 1 } }), observed('t1')))).toBe(
      true,
    );
  });
});
