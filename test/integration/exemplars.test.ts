import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ask } from '../../demo/answers.ts';
import { heldOutStrikes } from '../../demo/strikes.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { OtlpReceiver } from '../fixtures/otlp-receiver.ts';
import { shownBlock } from '../fixtures/shown-block.ts';
import { until } from '../fixtures/until.ts';
import { Yard } from '../journeys/yard.ts';
import { whyMissing } from './installed.ts';
import { runPrometheus } from './running-prometheus.ts';

const missing = whyMissing('prometheus', 'prometheus');

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
}, 60_000);

/** The configuration that docs/observability.md shows, for a platform at another address. */
function shownConfiguration(target: string): string {
  const page = readFileSync(packageFile('docs/observability.md'), 'utf8');
  const [, shown = ''] = /```yaml\n(# prometheus.yml\n[\s\S]*?)```/.exec(page) ?? [];
  const { rule_files: _, ...configuration } = parse(shown);
  configuration.global.scrape_interval = '1s';
  configuration.scrape_configs[0].static_configs[0].targets = [target];
  return stringify(configuration);
}

/** What is to be given to Prometheus beside its configuration. */
const shownFlags = (): string[] =>
  shownBlock('docs/observability.md', 'sh exemplars')
    .trim()
    .split(' ')
    .filter((word) => word.startsWith('--') && !word.startsWith('--config.file='));

describe.skipIf(missing !== undefined)(
  `a real Prometheus that scrapes a platform${missing === undefined ? '' : ` (${missing})`}`,
  { timeout: 180_000 },
  () => {
    it('leads from a bucket to the trace of a request, as docs/observability.md says', async () => {
      const collector = await OtlpReceiver.open();
      closing.push(() => collector.close());
      const yard = await Yard.open();
      closing.push(() => yard.close());
      const platform = await yard.up(undefined, [], { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
      await platform.converged();
      const prometheus = await runPrometheus(
        shownConfiguration(new URL(platform.run.api).host),
        ...shownFlags(),
      );
      closing.push(() => prometheus.close());

      const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
      const file = join(yard.registry, 'data', 'bird-strikes.csv');
      const strikes = (await heldOutStrikes(file, 1995, 1996)).slice(0, 1);
      const askAs = (traceparent: string) =>
        ask(
          { ...platform.target('staging'), headers: { traceparent } },
          strikes,
          AbortSignal.timeout(30_000),
        );
      await askAs(`00-${trace}-00f067aa0ba902b7-01`);
      // Its caller does not have this one sent: nobody could look it up.
      await askAs(`00-${'a'.repeat(32)}-00f067aa0ba902b7-00`);

      let found: Awaited<ReturnType<typeof prometheus.exemplars>> = [];
      await until(
        async () => {
          const name = 'switchyard_request_duration_seconds_bucket';
          found = await prometheus.exemplars(`${name}{environment="staging"}`).catch(() => []);
          return found.length > 0;
        },
        { deadlineMs: 60_000, everyMs: 250, what: 'Prometheus has an exemplar' },
      );
      const kept = found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
      expect(new Set(kept)).toEqual(new Set([trace]));
      const [{ seriesLabels, exemplars } = { seriesLabels: {}, exemplars: [] }] = found;
      expect(seriesLabels).toMatchObject({ deployment: 'bird-strike', role: 'stable', job: 'switchyard' });
      expect(Number(exemplars[0]?.value)).toBeLessThanOrEqual(Number(seriesLabels.le));
      // Where the exemplar leads to.
      await until(() => collector.spans.some(({ traceId }) => traceId === trace), { deadlineMs: 60_000 });
    });
  },
);
