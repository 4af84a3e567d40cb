import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LogLines } from '../../../../../server/supervisor/log-lines.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { until } from '../../../../fixtures/until.ts';
import { spawnChild } from '../fixtures/child.ts';
import { call } from '../fixtures/client.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { lookupModel, pin } from '../fixtures/models.ts';
import { deployment, table, writeTable } from '../fixtures/tables.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

type Line = Readonly<Record<string, unknown>>;

it('writes of an error the line that docs/observability.md shows', async () => {
  const path = join(folder.path, 'table.json');
  writeTable(path, table(deployment('bird-strike', [pin(folder.path, '1.1.0', lookupModel())])));
  const child = await spawnChild('--table', path);
  const lines: Line[] = [];
  // As the supervisor passes it on.
  new LogLines('warn', (line) => lines.push(JSON.parse(line))).follow(
    'inference-0',
    child.process.stderr!,
    'error',
  );
  const shown = JSON.parse(shownBlock('docs/observability.md', 'json request')) as Line;
  try {
    await until(async () => (await call(child.port, '/v2/health/ready')).status === 200);
    const body = JSON.stringify({ inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [99] }] });
    const headers = { traceparent: `00-${shown.trace_id}-${shown.span_id}-01` };
    const answer = await call(child.port, '/v2/models/bird-strike/infer', { body, headers });
    expect(answer.status).toBe(shown.status);
    const isOfRequest = ({ msg }: Line) => msg === shown.msg;
    await until(() => lines.some(isOfRequest));
    const line = lines.find(isOfRequest)!;
    expect(Object.keys(line)).toEqual(Object.keys(shown));
    const { time, milliseconds, prediction, pid, variant, ...others } = shown;
    for (const one of [line, shown]) {
      expect(Date.parse(String(one.time))).toBeGreaterThan(0);
      expect([one.milliseconds, one.prediction].map((value) => typeof value)).toEqual(['number', 'string']);
    }
    expect(line).toMatchObject(others);
    expect(line.prediction).toBe(answer.headers['switchyard-prediction-id']);
    expect([line.pid, line.variant]).toEqual([child.process.pid, 'stable']);
  } finally {
    child.process.kill('SIGTERM');
    await child.ended;
  }
});
