import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';
import { alertRouteKind } from '../../plugins/alerting/alert-route.ts';
import { type AlertRouteSpec, alertRouteSchema } from '../../schemas/generated/alert-route.ts';
import { manifestOf, relatedTo } from '../fixtures/manifest.ts';

const { receivers } = alertRouteSchema.properties.spec.properties;
const folder = packageFile('docs/receivers');
const pages = readdirSync(folder).map((file) => {
  const text = readFileSync(`${folder}/${file}`, 'utf8');
  const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, yaml = '']) => parse(yaml) as unknown,
  );
  return { file, type: /^# ([\w-]+)$/m.exec(text)?.[1] ?? '', examples };
});

describe('the pages of receivers', () => {
  it('are one for each way in which somebody can be told', () => {
    const { name: _, ...ways } = receivers.items.properties;
    expect(pages.map(({ type }) => type).sort()).toEqual(Object.keys(ways).sort());
  });

  it.each(pages)('$file shows a receiver of its type that an AlertRoute may have', ({ type, examples }) => {
    expect(examples.length).toBeGreaterThan(0);
    const validate = new Ajv({ strict: false, formats: { uri: true } }).compile(receivers);
    for (const example of examples) {
      const { receivers: shown } = example as Pick<AlertRouteSpec, 'receivers'>;
      expect(validate(shown), JSON.stringify(validate.errors)).toBe(true);
      const [first, ...more] = shown;
      expect([Object.keys(first ?? {}), more]).toEqual([['name', type], []]);
      const spec: AlertRouteSpec = { receiver: first!.name, receivers: shown };
      const route = manifestOf(alertRouteKind, { name: 'default' }, spec);
      expect(alertRouteKind.validate?.(route, relatedTo(alertRouteKind, route, []))).toEqual([]);
    }
  });
});
