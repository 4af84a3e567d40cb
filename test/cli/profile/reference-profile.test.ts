import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';
import { run } from '../run.ts';

const manifest = 'datasets/bird-strike.yaml';
const stored = 'datasets/profiles/bird-strike@1.json';
const trained = ['--where', 'flight_date < "1995" && id % 5 != 0'];

const made = new TemplateRegistry();
const switchyard = (...words: readonly string[]) => run(words, { folder: made.folder });

let first: string;
beforeAll(async () => {
  first = await made.make();
});
beforeEach(() => made.git('reset', '--quiet', '--hard', first));
afterAll(() => made.close());

describe('profile data of a dataset', () => {
  it('makes the profile that the template has, byte for byte', async () => {
    const { out } = await switchyard('profile', 'data', '--dataset', 'bird-strike@1', ...trained, '--write');
    expect(out).toContain('data/bird-strikes.csv: 2,423 rows, 12 columns');
    expect(out).toContain(`${stored} (12 KB) is as ${manifest} names it already`);
    expect(made.git('status', '--short').trim()).toBe('');
  });

  it('adds one line to the manifest, and the registry is valid with it', async () => {
    await made.commit({ [manifest]: made.read(manifest).replace(/ +profile: .*\n/, ''), [stored]: null });
    const file = 'data/bird-strikes.csv';
    const { out } = await switchyard(
      'profile',
      'data',
      file,
      '--dataset',
      'bird-strike',
      ...trained,
      '--write',
    );
    expect(out).toContain(`wrote ${stored} (12 KB), and ${manifest} names it: commit both`);
    const added = made.git('diff', '--numstat', '--', manifest).split('\t').slice(0, 2);
    expect(added).toEqual(['1', '0']);
    expect((await switchyard('check')).status).toBe(0);
  });

  it('changes the digest alone where a profile is named already', async () => {
    const { status } = await switchyard('profile', 'data', '--dataset', 'bird-strike', '--write');
    expect(status).toBe(0);
    const lines = made.git('diff', '--unified=0', '--', manifest).split('\n');
    expect(lines.filter((line) => /^[+-] /.test(line))).toEqual([
      expect.stringMatching(/^- +profile: \{ path: profiles\/bird-strike@1\.json, digest: sha256:/),
      expect.stringMatching(/^\+ +profile: \{ path: profiles\/bird-strike@1\.json, digest: sha256:/),
    ]);
    expect((await switchyard('check')).status).toBe(0);
  });

  it('refuses a file that is not the data of that version, and writes nothing', async () => {
    for (const named of ['bird-strike@1', 'bird-strike']) {
      const refused = await switchyard('profile', 'data', 'CODEOWNERS', '--dataset', named, '--write');
      expect(refused.err).toContain('DataIsAnother');
    }
    expect(made.git('status', '--short').trim()).toBe('');
  });

  it.each([
    [['--dataset', 'bird-stirke'], 'Did you mean `bird-strike`?'],
    [['--dataset', 'bird-strike@7'], 'Versions: 1.'],
    [['--dataset', 'bird-strike', '--where', 'speed > 1'], 'unknown variable: speed'],
    [
      ['--dataset', 'bird-strike', '--where', 'id < 0'],
      'no row of data/bird-strikes.csv meets the condition',
    ],
    [['data/bird-strikes.csv', '--write'], 'add --dataset NAME'],
    [['data/bird-strikes.csv', '--where', 'id > 1'], 'add --dataset NAME'],
    [[], 'no file is named'],
  ])('answers %j in words', async (words, expected) => {
    const { status, err } = await switchyard('profile', 'data', ...words);
    expect(status).toBe(err.includes('DatasetNotFound') ? 4 : 2);
    expect(err).toContain(expected);
  });

  it('leaves out rows of which the condition cannot be said, and tells how many', async () => {
    const { out } = await switchyard(
      'profile',
      'data',
      '--dataset',
      'bird-strike',
      '--where',
      'speed_knots > 99.5',
    );
    expect(out).toMatch(/2835 rows are left out: of them the condition cannot be said/);
  });
});

describe('check', () => {
  it('tells of a profile that was changed, at the line that names it', async () => {
    made.write(stored, made.read(stored).replace('"missing":0', '"missing":1'));
    const { status, out } = await switchyard('check');
    expect(status).toBe(1);
    expect(out).toMatch(/^datasets\/bird-strike\.yaml:19:16 {2}error {2}ProfileTampered/m);
  });

  it('tells of a profile of other data, and of one that is missing', async () => {
    made.write(manifest, made.read(manifest).replace('digest: sha256:9c34', 'digest: sha256:9c35'));
    expect((await switchyard('check')).out).toContain('ProfileOfOtherData');
    made.write(manifest, made.read(manifest).replace('bird-strike@1.json', 'bird-strikes@1.json'));
    expect((await switchyard('check')).out).toMatch(
      /AttachmentMissing[\s\S]*Did you mean `bird-strike@1.json`/,
    );
  });
});
