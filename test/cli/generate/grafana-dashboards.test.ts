import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { run } from '../run.ts';
import { exposedMetrics, metricsIn, RegistryOnDisk } from './fixtures.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: object;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource: object;
  }[];
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
}

const registry = new RegistryOnDisk();
let dashboards: readonly (readonly [file: string, dashboard: Dashboard])[];
beforeAll(async () => {
  await registry.make();
  const { status, out } = await run(['generate', 'grafana-dashboards'], { folder: registry.folder });
  expect(status).toBe(0);
  dashboards = Object.entries(JSON.parse(out) as Record<string, Dashboard>);
});
afterAll(() => registry.remove());

describe('switchyard generate grafana-dashboards', () => {
  it('makes those of a platform, and one for each model that is deployed', () => {
    expect(dashboards.map(([file]) => file)).toEqual([
      'overview.json',
      'rollout.json',
      'drift.json',
      'slo.json',
      'cost.json',
      'model-bird-strike.json',
    ]);
    const [, model] = dashboards.at(-1)!;
    expect(model).toMatchObject({
      title: 'Switchyard / bird-strike',
      description:
        'Whether a bird strike damages the aircraft, from what the crew reports. Owners: aviation-safety.',
      templating: {
        list: [
          { name: 'datasource' },
          { name: 'environment', type: 'custom', query: 'dev,production,staging' },
          { name: 'deployment', type: 'custom', query: 'bird-strike' },
        ],
      },
    });
  });

  it('asks for metrics alone that are exposed', () => {
    const known = exposedMetrics();
    const asked = dashboards.flatMap(([, { panels, templating }]) => [
      ...panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr))),
      ...metricsIn(JSON.stringify(templating).replaceAll('\\"', '')),
    ]);
    expect(asked.length).toBeGreaterThan(40);
    expect(asked.filter((name) => !known.has(name) && !/^switchyard-/.test(name))).toEqual([]);
  });

  it('shows what each version takes: memory, replicas, whether and how fast it is loaded', () => {
    const [, model] = dashboards.at(-1)!;
    const row = model.panels.findIndex(({ type, title }) => type === 'row' && title === 'What it takes');
    const shown = model.panels.slice(row + 1).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const metric of ['memory_bytes', 'replicas', 'loaded', 'last_load_seconds'])
      expect(shown.filter((expr) => expr.includes(`switchyard_model_${metric}{`))).toHaveLength(1);
  });

  it('gives each panel an id of its own, words, and what it asks', () => {
    for (const [file, { panels, schemaVersion }] of dashboards) {
      expect(schemaVersion, file).toBeGreaterThanOrEqual(36);
      expect(new Set(panels.map(({ id }) => id)).size, file).toBe(panels.length);
      for (const { type, title, description, targets = [], datasource } of panels) {
        expect(title, file).toBeTruthy();
        if (type === 'row') continue;
        expect(description, title).toMatch(/\.$/);
        expect(targets.length, title).toBeGreaterThan(0);
        expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
        const chosen = { type: 'prometheus', uid: '${datasource}' };
        for (const asked of [datasource, ...targets.map((target) => target.datasource)]) {
          expect(asked, title).toEqual(chosen);
        }
      }
    }
  });

  it('lays panels out without one over another, and without a hole as wide as the page', () => {
    for (const [file, { panels }] of dashboards) {
      const taken = new Map<string, string>();
      let bottom = 0;
      for (const { title, gridPos } of panels) {
        const { x, y, w, h } = gridPos;
        expect(x + w, `${file}: ${title}`).toBeLessThanOrEqual(24);
        expect(y, `${file}: ${title}`).toBeLessThanOrEqual(bottom);
        bottom = Math.max(bottom, y + h);
        for (let column = x; column < x + w; column++) {
          for (let line = y; line < y + h; line++) {
            const cell = `${column},${line}`;
            expect(taken.get(cell), `${file}: ${title}`).toBeUndefined();
            taken.set(cell, title);
          }
        }
      }
    }
  });

  it('uses no variable that it does not have', () => {
    for (const [file, { panels, templating }] of dashboards) {
      const has = new Set(templating.list.map(({ name }) => name));
      const text = JSON.stringify([panels, templating]);
      for (const [, name = ''] of text.matchAll(/\$\{?(\w+)\}?/g)) {
        if (!name.startsWith('__')) expect(has, `${file}: ${name}`).toContain(name);
      }
    }
  });

  it('gives each an address of its own that Grafana takes', () => {
    const uids = dashboards.map(([, { uid }]) => uid);
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids) expect(uid).toMatch(/^[\w-]{1,40}$/);
  });

  it('writes a file each, or ConfigMaps', async () => {
    const words = ['generate', 'grafana-dashboards', '.', '--out', 'made'];
    expect((await run(words, { folder: registry.folder })).out).toContain('Wrote 6 dashboards to made');
    expect(readdirSync(`${registry.folder}/made`).sort()).toEqual(dashboards.map(([file]) => file).sort());
    const { out } = await run(['generate', 'grafana-dashboards', '--kubernetes'], {
      folder: registry.folder,
    });
    const maps = parseAllDocuments(out).map(
      (one) => one.toJS() as { kind: string; data: Record<string, string> },
    );
    expect(maps.map(({ kind }) => kind)).toEqual(dashboards.map(() => 'ConfigMap'));
    const [first] = dashboards[0]!;
    expect(JSON.parse(maps[0]?.data[first] ?? '')).toEqual(dashboards[0]?.[1]);
  });
});
