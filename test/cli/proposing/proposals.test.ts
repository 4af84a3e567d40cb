import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { git } from '../../fixtures/registry.ts';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';
import { run } from '../run.ts';

/** A registry from the template, where two people with keys of their own change production together. */
let made: TemplateRegistry;
let keys: string;
const staging = 'environments/staging/bird-strike.yaml';

beforeEach(async () => {
  made = new TemplateRegistry();
  await made.make();
  keys = join(made.parent, 'keys');
  mkdirSync(keys);
  const members = ['Ada', 'Grace'].map((name) => {
    const file = join(keys, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    const key = readFileSync(`${file}.pub`, 'utf8').trim();
    return `    - name: ${name}\n      emails: [${name.toLowerCase()}@example.com]\n      signingKeys:\n        - ssh: ${key}`;
  });
  const theirs = made.git('ls-files', 'teams', 'policies', 'policy-tests').split('\n').filter(Boolean);
  await made.commit({
    ...Object.fromEntries(theirs.map((path) => [path, null])),
    'teams/flight.yaml': `apiVersion: switchyard/v1
kind: Team
metadata: { name: flight }
spec:
  members:
${members.join('\n')}
`,
    'policies/flight.yaml': `apiVersion: switchyard/v1
kind: Policy
metadata: { name: flight }
spec:
  rules:
    - name: seen-by-another
      checks: { pass: [manifests, signature] }
      approvals: { count: 1, from: { teams: [flight] } }
`,
  });
}, 120_000);
afterEach(() => made.close());

/** One command line, as one of the two would type it; with `key: 'none'`, without a signing key. */
function as(name: string, words: readonly string[], options: { key?: string; folder?: string } = {}) {
  const { key = name, folder = made.folder } = options;
  const home = join(made.parent, `home-${name}-${key}`);
  mkdirSync(home, { recursive: true });
  const signing = key === 'none' ? '' : `[gpg]\n\tformat = ssh\n[user]\n\tsigningKey = ${join(keys, key)}\n`;
  writeFileSync(
    join(home, '.gitconfig'),
    `[user]\n\tname = ${name}\n\temail = ${name.toLowerCase()}@example.com\n${signing}`,
  );
  return run(words, { folder, environment: { PATH: process.env.PATH, HOME: home } });
}
const promotion = ['promote', 'bird-strike', '1.1.0', '--to', 'staging'];

describe('proposals on the command line', () => {
  it('go from a wish to a merge that says who allowed it', async () => {
    const opened = await as('Ada', [...promotion, '--reason', 'It saw more years.']);
    expect(opened.status).toBe(0);
    expect(opened.out).toBe('Opened #1: Promote bird-strike 1.1.0 to staging\nSee `switchyard show 1`.\n');
    // A one-line diff is one line, and nothing is checked out for it.
    const diff = made.git('diff', 'main', 'refs/proposals/1/head', '--stat');
    expect(diff).toContain('1 file changed, 1 insertion(+), 1 deletion(-)');
    expect(made.git('status', '--short')).toBe('');

    const early = await as('Ada', ['merge', '1']);
    expect(early.status).toBe(1);
    expect(early.out).toContain('✘ may not be merged: 1 thing is missing');
    expect(early.out).toMatch(/approval/);

    const own = await as('Ada', ['review', '1', '--approve']);
    expect(own.status).toBe(0);
    expect(own.err).toContain('Ada approved a change of their own');
    expect(own.err).not.toContain('Signing data');
    expect((await as('Ada', ['merge', '1'])).status, 'nobody approves their own change').toBe(1);

    expect((await as('Grace', ['review', '1', '--approve', '-m', 'Agreed.'])).out).toMatch(
      /^Grace approved #1 at /,
    );
    const shown = await as('Grace', ['show', '1']);
    expect(shown.out + shown.err).toContain('✔ may be merged');
    expect(shown.status).toBe(0);
    expect(shown.out).toContain('✔ may be merged');
    expect(shown.out).toContain('/spec/version: 1.0.0 → 1.1.0');
    expect(shown.out).toContain('Grace approved');

    const merged = await as('Grace', ['merge', '1']);
    expect(merged.err).not.toContain('work tree');
    expect(merged.out).toMatch(/^Merged #1 as [0-9a-f]{10}\.\n$/);
    const message = made.git('log', '-1', '--format=%B');
    expect(message).toContain('Approved-by: Grace <grace@example.com>');
    expect(message, 'her own hand is on the commit').not.toContain('Merged-for');
    expect(made.read(staging), 'the work tree came along').toContain('version: 1.1.0');
    expect(made.git('status', '--short')).toBe('');
    expect((await as('Ada', ['proposals'])).out).toBe('No open proposals.\n');
    expect((await as('Ada', ['history', 'bird-strike', '--limit', '1'])).out).toContain(
      '#1 by Ada, approved by Grace, merged by Grace',
    );
  }, 240_000);

  it('do not count an approval under a name that its key does not have', async () => {
    await as('Ada', promotion);
    const review = await as('Grace', ['review', '1', '--approve'], { key: 'Ada' });
    expect(review.status).toBe(0);
    expect(review.err, 'the reviewer is told at once').toMatch(/^! needs 1 approval.*Grace approved, but /m);
    const { status, out } = await as('Ada', ['merge', '1']);
    expect(status).toBe(1);
    expect(out).toContain('may not be merged');
    expect((await as('Grace', ['review', '1', '--request-changes'], { key: 'none' })).err).toContain(
      'NoSigningKey',
    );
  }, 240_000);

  it('do not count an approval of an earlier state', async () => {
    await as('Ada', promotion);
    await as('Grace', ['review', '1', '--approve']);
    const rolled = await as('Ada', [
      'rollback',
      'bird-strike',
      '--in',
      'staging',
      '--to',
      '1.1.0',
      '--reason',
      'Otherwise.',
    ]);
    expect(rolled.out).toMatch(/^Updated #1/);
    const { out, status } = await as('Ada', ['merge', '1']);
    expect(status).toBe(1);
    expect(out).toContain('may not be merged');
  }, 240_000);

  it('have the glass broken by asking again with the label, if its signature is of somebody who may', async () => {
    const policy = made.read('policies/flight.yaml');
    const breakGlass = '      breakGlass: { label: break-glass, by: { people: [Grace] } }\n';
    await made.commit({ 'policies/flight.yaml': policy + breakGlass });
    await as('Ada', promotion);
    const again = [...promotion, '--label', 'break-glass'];
    const done = /^Put break-glass on #1: Promote bird-strike 1\.1\.0 to staging\n/;
    expect((await as('Grace', again, { key: 'none' })).out).toMatch(done);
    expect((await as('Ada', again)).out).toMatch(done);
    const refused = await as('Ada', ['merge', '1']);
    expect(refused.status, 'neither an unsigned word nor that of somebody else counts').toBe(1);
    expect((await as('Grace', again)).out).toMatch(done);
    expect((await as('Grace', again)).out).toMatch(/^Open already as #1: /);
    expect((await as('Ada', ['merge', '1'])).out).toMatch(/^Merged #1 as /);
    expect(made.git('log', '-1', '--format=%B')).toContain('Break-Glass: break-glass by Grace, 1 not met');
  }, 240_000);

  it('carry a change of the work tree, with new files and without ignored ones', async () => {
    made.write('README.md', 'Ours.\n');
    made.write('notes.md', 'New.\n');
    const { out } = await as('Ada', ['propose', '-m', 'docs: say whose it is']);
    expect(out).toContain('Opened #1');
    expect(made.git('diff', 'main', 'refs/proposals/1/head', '--name-only').split('\n')).toEqual([
      'README.md',
      'notes.md',
    ]);
  }, 240_000);

  it('register a version from its file, and say what it would write first', async () => {
    const artifact = join(made.folder, 'models/bird-strike/artifacts/1.0.0.onnx');
    const again = await as('Ada', ['register', 'bird-strike', artifact]);
    expect(again.status).toBe(1);
    expect(again.err).toContain('1.0.0');
    const changed = join(made.parent, 'new.onnx');
    const bytes = readFileSync(artifact);
    writeFileSync(changed, Buffer.concat([bytes, Buffer.from([0x72, 0x00])]));
    const planned = await as('Ada', ['register', 'bird-strike', changed, '--dry-run', '-o', 'json']);
    expect(planned.err).toContain('does not name the data');
    expect(JSON.parse(planned.out)).toMatchObject({
      type: 'register',
      title: expect.stringContaining('1.2.0'),
    });
    expect((await as('Ada', ['proposals'])).out).toBe('No open proposals.\n');
    const opened = await as('Ada', ['register', 'bird-strike', changed]);
    expect(opened.out).toContain('Opened #1: Register bird-strike 1.2.0');
    expect(opened.err.split('does not name the data'), 'each warning is said once').toHaveLength(2);
    expect((await as('Ada', ['show', '1'])).out).toContain(
      '! warning bird-strike 1.2.0 does not name the data',
    );
  }, 240_000);

  it('say at once what is wrong with them', async () => {
    const path = 'environments/staging/bird-strike.yaml';
    made.write(path, made.read(path).replace(/version: .*/, 'version: 9.9.9'));
    const { out, err } = await as('Ada', ['propose', path, '-m', 'fix: try another']);
    expect(out).toContain('Opened #1');
    expect(err).toMatch(/✘ manifests: environments\/staging\/bird-strike.yaml:\d+: /);
  }, 240_000);

  it('that cannot be read are named, with what to do, and hurt no other', async () => {
    await as('Ada', promotion);
    made.git('update-ref', 'refs/proposals/3/meta', 'main');
    const { out, err, status } = await as('Ada', ['proposals']);
    expect(status).toBe(0);
    expect(out).toContain('Promote bird-strike 1.1.0 to staging');
    expect(err).toContain('! #3 cannot be read: ');
    expect(err).toContain('refs/proposals/3/meta');
    const told = await as('Ada', ['proposals', '-o', 'json']);
    expect(JSON.parse(told.out)).toMatchObject({
      items: [{ proposal: { number: 1 } }],
      broken: [{ number: 3, reason: expect.any(String) }],
    });
  }, 240_000);

  it('are written down as cases that policies are tried against', async () => {
    await as('Ada', promotion);
    const refused = await as('Ada', ['policy', 'test', '--record', '1']);
    expect(refused.err).not.toContain('error');
    expect(refused.out).toContain('they refuse it (ApprovalMissing)');
    await as('Grace', ['review', '1', '--approve']);
    await as('Ada', ['review', '1', '--approve']);
    const before = made.read('policy-tests/recorded.yaml');
    linkSync(join(made.folder, 'policy-tests/recorded.yaml'), join(made.folder, 'what-was-recorded'));
    const { out } = await as('Ada', ['policy', 'test', '--record', '#1']);
    // Another file took its place: what was recorded is never half gone.
    expect(made.read('what-was-recorded')).toBe(before);
    expect(out).toBe(
      'Recorded "Promote bird-strike 1.1.0 to staging (proposal 1)" in policy-tests/recorded.yaml: they let it pass.\n',
    );
    const [first, second] = parse(made.read('policy-tests/recorded.yaml')).cases;
    expect(first).toMatchObject({
      changes: [{ environment: 'staging', model: 'bird-strike', from: '1.0.0', to: '1.1.0' }],
      checks: { manifests: { outcome: 'pass' }, signature: expect.anything() },
      served: [{ environment: 'dev', version: '1.1.0' }],
      expect: { allowed: false, unmet: ['ApprovalMissing'] },
    });
    expect(second).toMatchObject({ author: 'Ada', reviews: [{ by: 'Grace' }, { by: 'Ada' }] });
    expect((await as('Ada', ['policy', 'test'])).out).toContain('2 cases, all as expected');
    made.write('policies/flight.yaml', made.read('policies/flight.yaml').replace('count: 1', 'count: 2'));
    const stricter = await as('Ada', ['policy', 'test']);
    expect(stricter.status).toBe(1);
    expect(stricter.out).toContain('1 of 2 cases are not as expected');
    await as('Grace', ['close', '1', '-m', 'Not now.']);
    expect((await as('Ada', ['policy', 'test', '--record', '1'])).err).toContain('ProposalClosed');
  }, 240_000);

  it('are closed with a word, and are not there for whoever asks for another number', async () => {
    await as('Ada', promotion);
    expect((await as('Grace', ['close', '#1', '-m', 'Not now.'])).out).toBe('Closed #1.\n');
    expect((await as('Ada', ['proposals', '--state', 'closed'])).out).toContain('closed');
    expect((await as('Ada', ['show', '7'])).status).toBe(4);
    expect((await as('Ada', ['show', 'seven'])).status).toBe(2);
    expect((await as('Ada', ['review', '1'])).err).toContain('--approve');
  }, 240_000);

  it('travel between clones by push and fetch', async () => {
    const shared = join(made.parent, 'shared.git');
    git(made.parent, 'clone', '-q', '--bare', made.folder, shared);
    const clones = ['Ada', 'Grace'].map((name) => join(made.parent, `clone-${name}`));
    for (const clone of clones) git(made.parent, 'clone', '-q', shared, clone);
    const [ada = '', grace = ''] = clones;
    await as('Ada', promotion, { folder: ada });
    expect((await as('Ada', ['proposals', 'push'], { folder: ada })).out).toMatch(/Pushed \d+ references/);
    expect((await as('Grace', ['proposals', 'fetch'], { folder: grace })).out).toContain('#1 is new here.');
    await as('Grace', ['review', '1', '--approve'], { folder: grace });
    await as('Grace', ['proposals', 'push'], { folder: grace });
    await as('Ada', ['proposals', 'fetch'], { folder: ada });
    expect((await as('Ada', ['merge', '1'], { folder: ada })).status).toBe(0);
    expect((await as('Ada', ['proposals', 'push'], { folder: ada })).out).toContain('main among them');
    expect(git(shared, 'log', '-1', '--format=%s', 'main')).toBe(
      'Merge proposal 1: Promote bird-strike 1.1.0 to staging',
    );
    expect(dirname(shared)).toBe(made.parent);
  }, 240_000);

  it('say why a work tree takes no push of its branch, and what to do there', async () => {
    const clone = join(made.parent, 'clone');
    git(made.parent, 'clone', '-q', made.folder, clone);
    await as('Ada', promotion, { folder: clone });
    await as('Grace', ['review', '1', '--approve'], { folder: clone });
    expect((await as('Ada', ['merge', '1'], { folder: clone })).status).toBe(0);

    const refused = await as('Ada', ['proposals', 'push'], { folder: clone });
    expect(refused).toMatchObject({ status: 1, out: '' });
    expect(refused.err).toContain('(branch is currently checked out)');
    expect(refused.err).not.toContain('atomic push failure');
    expect(refused.err).toContain('receive.denyCurrentBranch updateInstead');

    made.git('config', 'receive.denyCurrentBranch', 'updateInstead');
    expect((await as('Ada', ['proposals', 'push'], { folder: clone })).out).toContain('main among them');
    expect(made.git('status', '--short')).toBe('');
  }, 240_000);
});
