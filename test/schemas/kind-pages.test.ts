import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { platformKind } from '../../core/manifest/platform.ts';
import type { KindDefinition, Metadata } from '../../core/plugin.ts';
import { plugin as alerting } from '../../plugins/alerting/index.ts';
import { plugin as environments } from '../../plugins/environments/index.ts';
import { plugin as models } from '../../plugins/models/index.ts';
import { plugin as monitors } from '../../plugins/monitors/index.ts';
import { plugin as policies } from '../../plugins/policies/index.ts';
import { plugin as rollout } from '../../plugins/rollout/index.ts';
import { plugin as secrets } from '../../plugins/secrets/index.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const pages = join(root, 'docs', 'kinds');
const kinds: readonly KindDefinition[] = [
  alerting,
  environments,
  models,
  monitors,
  rollout,
  policies,
  secrets,
].flatMap((plugin) => plugin.kinds ?? []);
const all: readonly KindDefinition[] = [platformKind as KindDefinition, ...kinds];
const fileOf = (kind: string) => `${kind.replaceAll(/(?<=.)([A-Z])/g, '-$1').toLowerCase()}.md`;
const pageOf = (kind: string) => readFileSync(join(pages, fileOf(kind)), 'utf8');

/** Reasons and codes in a plugin's sources: string literals of several words, or where only those can stand. */
function codesIn(folder: string): ReadonlySet<string> {
  const codes = new Set<string>();
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(root, folder, file), 'utf8');
    const places =
      /(?:\b(?:ready|waiting|stalled)\(\s*|\b(?:reason|code): (?:[^'\n]*\? )?|^\s*[?:] |reason \?\?= )'([A-Z][A-Za-z]+)'/gm;
    const twoWords = /'([A-Z][a-z]+[A-Z][A-Za-z]*)'/g;
    for (const pattern of [places, twoWords]) {
      for (const match of text.matchAll(pattern)) codes.add(match[1] ?? '');
    }
  }
  return codes;
}

it('every kind has a page, and every page a kind', () => {
  expect(readdirSync(pages).sort()).toEqual(all.map(({ kind }) => fileOf(kind)).sort());
});

describe.each(all.map((kind) => [kind.kind, kind] as const))('the page of %s', (name, kind) => {
  const page = pageOf(name);

  it('has its four parts, in order', () => {
    expect([...page.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual([
      'Example',
      'Fields',
      'Working with it',
      'Status',
    ]);
  });

  it('shows an example that its schema accepts, at the path where such a manifest lives', () => {
    const [, path = '', yaml = ''] = /```yaml\n# (\S+)\n([\s\S]*?)```/.exec(page) ?? [];
    const manifest = parse(yaml) as { readonly metadata: Metadata };
    const validate = new Ajv({ allErrors: true }).compile(kind.schema);
    validate(manifest);
    expect(validate.errors).toBeNull();
    expect(path).toBe(
      kind.path.replaceAll(/\{(\w+)\}/g, (_, field: keyof Metadata) => String(manifest.metadata[field])),
    );
  });

  it('lists its fields', () => {
    expect(page).toMatch(/<!-- fields -->\n\| field +\| type +\|[\s\S]*\| `spec\./);
  });
});

it.each([
  ['plugins/alerting', alerting],
  ['plugins/environments', environments],
  ['plugins/models', models],
  ['plugins/monitors', monitors],
  ['plugins/rollout', rollout],
  ['plugins/policies', policies],
  ['plugins/secrets', secrets],
] as const)(
  'every reason and code of %s stands on a page of its kinds, of checks, of admission or of alerts',
  (folder, plugin) => {
    const ofKinds = (plugin.kinds ?? []).map(({ kind }) => pageOf(kind));
    // What a plugin's checks, its admission and its alerts say stands on the pages of those.
    const others = ['checks.md', 'admission.md', 'alerts.md'].map((name) =>
      readFileSync(join(root, 'docs', name), 'utf8'),
    );
    const text = [...ofKinds, ...others].join('\n');
    const codes = [...codesIn(folder)];
    expect(codes.length).toBeGreaterThan(3);
    const untold = codes.filter((code) => !text.includes(`\`${code}\``)).sort();
    const kindNames = all.map(({ kind }) => kind);
    expect(untold.filter((code) => !kindNames.includes(code))).toEqual([]);
  },
);
