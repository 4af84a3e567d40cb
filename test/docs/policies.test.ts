import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';
import { windowProblem } from '../../libraries/wall-clock/recurring-window.ts';
import { compileExpression } from '../../plugins/policies/expression.ts';
import { contextFields } from '../../plugins/policies/expression-context.ts';
import { run } from '../cli/run.ts';
import { temporaryFolder } from '../fixtures/git-repository.ts';
import { manifest, yardFiles } from '../plugins/policies/courtroom.ts';

const page = readFileSync(packageFile('docs/policies.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
const fileIn = (name: string) => blocks.find((block) => block.startsWith(`# ${name}\n`)) ?? '';

describe('docs/policies.md', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  beforeAll(() => {
    const risk = manifest.team(
      'risk',
      'members:\n  - { name: Ada, emails: [a@x.example] }\n  - { name: Grace, emails: [g@x.example] }\n  - { name: Linus, emails: [l@x.example] }',
    );
    const files = {
      ...yardFiles,
      'teams/risk.yaml': risk,
      'policies/production.yaml': fileIn('policies/production.yaml'),
      'policy-tests/production.yaml': fileIn('policy-tests/production.yaml'),
      'platform.yaml':
        'apiVersion: switchyard/v1\nkind: Platform\nmetadata: { name: docs }\nspec:\n  plugins: [{ name: environments }, { name: models }, { name: rollout }, { name: policies }]\n',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true });
      writeFileSync(join(folder.path, path), text);
    }
  });

  it('shows a policy that is valid, and cases that come out as they say', async () => {
    const { out, status } = await run(['policy', 'test'], { folder: folder.path });
    expect(out).toContain('2 cases, all as expected');
    expect(status).toBe(0);
    expect((await run(['check'], { folder: folder.path })).out).toContain('11 valid resources');
  });

  it.each([
    'docs/policies.md',
    'docs/kinds/policy.md',
    'plugins/proposals/settings.ts',
    'registry-repo-template/policies/promotion.yaml',
  ])('names checks that there are, in %s', (file) => {
    const [, table = ''] = readFileSync(packageFile('docs/checks.md'), 'utf8').split('| check ');
    const known = [...table.split('\n\n')[0]!.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
    expect(known).toContain('size-and-latency');
    const text = readFileSync(packageFile(file), 'utf8');
    const named = [
      ...[...text.matchAll(/"([\w-]+)" in checks|checks\["([\w-]+)"\]/g)].map(
        ([, one, other]) => one ?? other,
      ),
      ...[...text.matchAll(/pass: \[([^\]]*)\]/g)].flatMap(([, list = '']) => list.split(/, */)),
      ...[...text.matchAll(/(?:checks|timeouts): \{ '?([\w-]+)'?: /g)].map(([, name]) => name),
    ].filter((name) => !["'*'", 'pass', 'parallel', 'timeout'].includes(name ?? ''));
    expect(named.filter((name) => ![...known, 'manifests'].includes(name!))).toEqual([]);
  });

  it('shows windows of a freeze that are right', () => {
    const block = blocks.find((text) => text.startsWith('freeze:')) ?? '';
    const { freeze } = parse(block) as { freeze: Parameters<typeof windowProblem>[0][] };
    expect(freeze.map(windowProblem)).toEqual([undefined, undefined, undefined]);
  });

  it('lists every name of the context with its type and meaning', () => {
    const [, table = ''] = page.split('<!-- context -->\n');
    const written = (table.split('<!-- /context -->')[0] ?? '').trim().split('\n').slice(2);
    const rows = Object.entries(contextFields).flatMap(([variable, fields]) =>
      Object.entries(fields).map(
        ([field, [type, meaning]]) => `| \`${variable}.${field}\` | \`${type}\` | ${meaning} |`,
      ),
    );
    expect(written.map((row) => row.replaceAll(/ +\|/g, ' |').replaceAll(/\| +/g, '| '))).toEqual(rows);
  });

  it('speaks of functions that there are', () => {
    for (const source of [
      'now.getDayOfWeek("Europe/Berlin") == 6',
      'glob(change.path, "models/*/card.md")',
      'change.labels[?"risk"].orValue("low") == "low"',
    ]) {
      expect(compileExpression(source)).toHaveProperty('source');
    }
  });
});
