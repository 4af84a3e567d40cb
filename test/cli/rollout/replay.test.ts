import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../core/plugin.ts';
import { conclude, record, start } from '../../../plugins/rollout/analysis/analysis-run.ts';
import { evidenceOf, type VerdictEvidence } from '../../../plugins/rollout/analysis/evidence.ts';
import { run as runIn } from '../run.ts';

const limits = { name: 'healthy/error-rate', interval: 10_000, count: 3 };
const place = { environment: 'production', deployment: 'bird-strike', model: 'bird-strike' };

/** Twenty of two hundred requests failed, where at most one in a hundred may. */
function failed(): VerdictEvidence {
  const query = { metric: 'errorRate' };
  const sums = { candidate: { requests: 200, errors: 20 } };
  const reading = {
    type: 'value' as const,
    result: { candidate: 0.1 },
    conditions: { success: false },
    samples: 200,
    observedAt: 1_000,
    statistics: { query, sums },
  };
  const run = conclude(record(start([limits], 0), limits.name, reading, 1_000), 'the end', 2_000);
  return evidenceOf('walk/step-2', place, {
    candidate: '1.1.0',
    stable: '1.0.0',
    templates: [{ name: 'healthy', digest: 'd' }],
    definitions: [{ limits, provider: 'builtin', query, successCondition: 'result.candidate <= 0.01' }],
    lead: 0,
    run,
  });
}

let server: Server;
let api: string;
let journal: JournalEntry[];

beforeEach(async () => {
  const entry = (sequence: number, type: string, data: Record<string, unknown>): JournalEntry => ({
    sequence,
    time: '2026-01-01T00:00:00Z',
    type,
    ref: 'Deployment/production/bird-strike',
    commit: null,
    message: type,
    data,
  });
  journal = [
    entry(1, 'deployment.switched', {}),
    entry(2, 'analysis.ended', { evidence: JSON.parse(JSON.stringify(failed())) }),
  ];
  server = createServer((request, response) => {
    const { searchParams: query } = new URL(request.url ?? '', 'http://localhost');
    const items = journal
      .filter(({ type }) => (query.get('type') ?? type) === type)
      .filter(({ sequence }) => sequence > Number(query.get('after') ?? 0))
      .filter(({ sequence }) => sequence < Number(query.get('before') ?? Number.POSITIVE_INFINITY))
      .reverse();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

const replay = (name: string, ...words: string[]) =>
  runIn(['replay', name, '--api', api, ...words], { folder: tmpdir() });

describe('switchyard replay', () => {
  it('reaches the same verdict by the number of its entry and by its name', async () => {
    for (const name of ['2', failed().id]) {
      const { status, out } = await replay(name);
      expect(out.split('\n')).toEqual([
        `verdict ${failed().id}, entry 2, of production/bird-strike: bird-strike 1.1.0`,
        'Failed: healthy/error-rate failed 1 > limit 0',
        'The same again, bit for bit.',
        '',
      ]);
      expect(status).toBe(0);
    }
  });

  it('says what is otherwise, and fails, where the journal was edited', async () => {
    const evidence = journal[1]?.data.evidence as VerdictEvidence;
    const [metric] = evidence.analysis.run.metrics;
    const reading = metric?.measurements[0]?.reading as unknown as { statistics: { sums: unknown } };
    reading.statistics.sums = { candidate: { requests: 200, errors: 0 } };
    const { status, out } = await replay('2');
    expect(status).toBe(1);
    expect(out).toContain('Not the same again:');
    expect(out).toContain('the evidence is not what its name was made from');
    expect(out).toContain('was Failed and is Successful');
  });

  it('answers programs', async () => {
    const { status, out } = await replay('2', '-o', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      isSame: true,
      entry: 2,
      is: { outcome: 'Failed' },
      differences: [],
    });
  });

  it('tells apart what is not there, what is no verdict and what cannot be read', async () => {
    expect(await replay('99')).toMatchObject({ status: 4, err: expect.stringContaining('no verdict 99') });
    const other = await replay('1');
    expect(other).toMatchObject({
      status: 4,
      err: expect.stringContaining('a deployment.switched without one'),
    });
    expect((await replay('0123456789abcdef')).status).toBe(4);
    journal[1] = { ...(journal[1] as JournalEntry), data: { evidence: { format: 2 } } };
    expect(await replay('2')).toMatchObject({ status: 1, err: expect.stringContaining('VerdictUnreadable') });
  });
});
