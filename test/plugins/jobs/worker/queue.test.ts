import { describe, expect, it } from 'vitest';
import type { KeptJob } from '../../../../libraries/prediction-jobs/index.ts';
import { JobQueue } from '../../../../plugins/jobs/worker/queue.ts';

const jobs = (...ids: readonly string[]) => ids.map((id) => ({ job: { id } }) as KeptJob);

function started(queue: JobQueue): string[] {
  const ids: string[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) ids.push(next.id);
  return ids;
}

describe('the queue of jobs', () => {
  it('works as many at once as it may, the oldest first, and each once', () => {
    const queue = new JobQueue(2);
    queue.found(jobs('a', 'b', 'c'));
    expect(started(queue)).toEqual(['a', 'b']);
    expect(queue.isCrowded).toBe(true);
    queue.found(jobs('a', 'b', 'c'));
    expect(started(queue)).toEqual([]);
    queue.leave('b');
    expect(queue.isCrowded).toBe(false);
    expect(started(queue)).toEqual(['c']);
    queue.found(jobs('a', 'c'));
    expect(queue.isCrowded).toBe(false);
  });

  it('has one that had its time go on behind those that wait', () => {
    const queue = new JobQueue(1);
    queue.found(jobs('a', 'b'));
    expect(started(queue)).toEqual(['a']);
    queue.putAside('a', undefined);
    expect(started(queue)).toEqual(['b']);
    expect(queue.isCrowded).toBe(true);
    queue.leave('b');
    expect(started(queue)).toEqual(['a']);
  });

  it('works one whose deployment does not answer behind all others, and knows since when', () => {
    const queue = new JobQueue(1);
    queue.found(jobs('a', 'b'));
    expect(started(queue)).toEqual(['a']);
    queue.putAside('a', 7);
    queue.found(jobs('a', 'b', 'c'));
    expect(started(queue)).toEqual(['b']);
    queue.leave('b');
    expect(started(queue)).toEqual(['c']);
    // Nothing else waits but one that does not answer.
    expect(queue.isCrowded).toBe(false);
    queue.leave('c');
    queue.found(jobs('a'));
    expect(queue.next()).toEqual({ id: 'a', unanswered: 7 });
  });

  it('forgets those that have ended elsewhere', () => {
    const queue = new JobQueue(1);
    queue.found(jobs('a', 'b'));
    expect(started(queue)).toEqual(['a']);
    queue.found(jobs('a'));
    queue.leave('a');
    expect(started(queue)).toEqual([]);
  });
});
