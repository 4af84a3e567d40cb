import { describe, expect, it } from 'vitest';
import type { EventType, ProposalEvent } from '../../../plugins/forge-git/event.ts';
import { fold } from '../../../plugins/forge-git/fold.ts';

const root = 'a'.repeat(40);

function event(type: EventType, says: Partial<ProposalEvent> = {}): ProposalEvent {
  return {
    id: root,
    parents: type === 'opened' ? [] : [root],
    tree: 'b'.repeat(40),
    type,
    by: { name: 'Ada', email: 'ada@example.org' },
    time: 1,
    isSigned: false,
    proposal: type === 'opened' ? undefined : root,
    base: 'refs/heads/main',
    baseCommit: 'c'.repeat(40),
    head: 'd'.repeat(40),
    key: 'k',
    labels: [],
    change: undefined,
    slot: undefined,
    checks: [],
    verdict: undefined,
    commit: undefined,
    supersededBy: undefined,
    supersededByProposal: undefined,
    ...says,
  };
}

function folded(events: readonly ProposalEvent[], before?: ReturnType<typeof fold>) {
  const result = fold(events, before !== undefined && 'root' in before ? before : undefined);
  if ('broken' in result) throw new Error(result.broken);
  return result;
}

const grace = { name: 'Grace', email: 'grace@example.org' };
const names = (result: ReturnType<typeof folded>) => result.labels.map(({ name, by }) => [name, by.name]);

describe('folding a chain of events', () => {
  it('keeps a label for each person who added it, the newest last, until somebody takes it off', () => {
    const add = (labels: string[], more = {}) => event('labelled', { change: 'add', labels, ...more });
    const chain = [event('opened', { labels: ['x'] }), add(['y'], { by: grace }), add(['x'], { by: grace })];
    const both = folded(chain);
    expect(names(both)).toEqual([
      ['x', 'Ada'],
      ['y', 'Grace'],
      ['x', 'Grace'],
    ]);
    expect(names(folded([add(['x'])], both))).toEqual([
      ['y', 'Grace'],
      ['x', 'Grace'],
      ['x', 'Ada'],
    ]);
    expect(names(folded([event('labelled', { change: 'remove', labels: ['x'] })], both))).toEqual([
      ['y', 'Grace'],
    ]);
  });

  it('does not let an unsigned label take the place of a signed one', () => {
    const signed = event('labelled', { change: 'add', labels: ['x'], isSigned: true });
    const unsigned = event('labelled', { change: 'add', labels: ['x'] });
    expect(folded([event('opened'), signed, unsigned]).labels).toMatchObject([{ isSigned: true }]);
  });

  it('comes to the same at once as event by event', () => {
    const chain = [
      event('opened', { labels: ['x'] }),
      event('commented', { slot: '__proto__' }),
      event('checked', { checks: ['size', 'constructor'] }),
      event('checked', { checks: ['size'], tree: 'e'.repeat(40) }),
      event('reviewed', { verdict: 'approve' }),
      event('updated', { head: 'f'.repeat(40), labels: ['y'] }),
      event('closed'),
    ];
    const [first, ...rest] = chain;
    let one = folded([first!]);
    for (const next of rest) one = folded([next], JSON.parse(JSON.stringify(one)) as typeof one);
    const whole = folded(chain);
    expect(one).toEqual(whole);
    expect(Object.keys(whole.comments)).toEqual(['__proto__']);
    expect(whole.checks['d'.repeat(40)]).toEqual({ size: 'e'.repeat(40), constructor: 'b'.repeat(40) });
  });

  it('calls a chain with more labels than people put on broken', () => {
    const many = Array.from({ length: 11 }, (_, index) => {
      const labels = Array.from({ length: 100 }, (_, at) => `${index} ${at}`);
      return event('labelled', { change: 'add', labels });
    });
    expect(fold([event('opened'), ...many])).toEqual({ broken: 'it has more than 1000 labels' });
  });
});
