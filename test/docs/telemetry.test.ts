import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { OtlpReceiver } from '../fixtures/otlp-receiver.ts';
import { shownBlock } from '../fixtures/shown-block.ts';
import { until } from '../fixtures/until.ts';
import { type Platform, Yard } from '../journeys/yard.ts';

const shown = shownBlock('docs/observability.md', 'yaml telemetry');
const rows = shownBlock('docs/inference.md', 'json example');

let collector: OtlpReceiver;
let yard: Yard;
let platform: Platform;
beforeAll(async () => {
  collector = await OtlpReceiver.open();
  yard = await Yard.open();
  const { endpoint } = parse(shown).telemetry as { readonly endpoint: string };
  // The collector of the test has a port of its own.
  writeFileSync(join(yard.folder, 'switchyard.config.yaml'), shown.replace(endpoint, collector.url));
  // Sooner than they would be sent otherwise.
  const soon = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '500' };
  platform = await yard.up(undefined, [], soon);
  await platform.converged();
}, 120_000);
afterAll(async () => {
  await yard?.close();
  await collector?.close();
}, 60_000);

/** Asks for a prediction. Answers its trace. */
async function infer(traceparent?: string): Promise<string> {
  const answer = await fetch(`${platform.run.inference}/v2/models/bird-strike/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(traceparent && { traceparent }) },
    body: rows,
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  return answer.headers.get('traceresponse')?.split('-')[1] ?? '';
}

const sent = (trace: string) => collector.spans.some(({ traceId }) => traceId === trace);

/** Whether a trace is among the share that is taken: its last 56 bits decide. */
const isAmong = (trace: string, share: number) =>
  Number.parseInt(trace.slice(18, 31), 16) >= (1 - share) * 2 ** 52;

describe('the telemetry that docs/observability.md shows', { timeout: 120_000 }, () => {
  it('sends the metrics of the platform to the same endpoint', async () => {
    await until(() => collector.metrics.some(({ name }) => name === 'switchyard_requests_total'), {
      deadlineMs: 60_000,
    });
  });

  it('sends the traces that callers decided on, and the shown share of the others', async () => {
    const { samplerArgument } = parse(shown).telemetry as { readonly samplerArgument: number };
    const [wanted, unwanted] = ['a'.repeat(32), 'f'.repeat(32)];
    await infer(`00-${unwanted}-00f067aa0ba902b7-00`);
    await infer(`00-${wanted}-00f067aa0ba902b7-01`);
    const own: string[] = [];
    // Of a hundred traces, one is among them.
    while (own.length < 100 || !own.some((trace) => isAmong(trace, samplerArgument))) {
      expect(own.length).toBeLessThan(3_000);
      own.push(await infer());
    }
    // Whoever ends sends what is still to be sent.
    expect(await platform.stop()).toBe(0);
    expect([wanted, unwanted].filter(sent)).toEqual([wanted]);
    expect(own.filter(sent)).toEqual(own.filter((trace) => isAmong(trace, samplerArgument)));
  });
});
