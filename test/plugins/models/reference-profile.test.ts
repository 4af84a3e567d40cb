import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Ref, type Resource } from '../../../core/plugin.ts';
import { readProfile } from '../../../libraries/profile/index.ts';
import { referenceProfileCheck } from '../../../plugins/models/checks/reference-profile-check.ts';
import { datasetKind } from '../../../plugins/models/dataset.ts';
import { datasetController } from '../../../plugins/models/dataset-controller.ts';
import { referenceProfileProvider } from '../../../plugins/models/reference-profile-provider.ts';
import { judge, proposalSubject } from '../../fixtures/proposal-subject.ts';
import { requestFor } from '../../fixtures/request.ts';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';

const { signal } = new AbortController();
const manifest = 'datasets/bird-strike.yaml';
const stored = 'datasets/profiles/bird-strike@1.json';

let made: TemplateRegistry;
let base: string;
beforeEach(async () => {
  made = new TemplateRegistry();
  base = await made.make();
});
afterEach(() => made.close());

/** The resources of a commit, and how its blobs are read. */
async function inCommit<Result>(
  commit: string,
  work: (
    resources: ReadonlyMap<Ref, Resource>,
    readBlob: (blob: string) => AsyncIterable<Uint8Array>,
    subject: Awaited<ReturnType<typeof proposalSubject>>,
  ) => Promise<Result>,
): Promise<Result> {
  const subject = await proposalSubject(made.folder, base, commit);
  try {
    return await work(subject.merged.resources, (blob) => subject.repository.openBlob(blob), subject);
  } finally {
    await subject.repository.close();
  }
}

const load = (
  commit: string,
  of: { dataset: string; version: string } | { model: string; version: string },
) =>
  inCommit(commit, async (resources, readBlob) => {
    const provider = referenceProfileProvider(readBlob);
    return provider.load({ of, find: (ref) => resources.get(ref), signal });
  });

const refusal = (...given: Parameters<typeof load>) =>
  load(...given).then(
    () => 'none',
    (thrown: unknown) => codeOf(thrown),
  );

describe('the reference of a dataset', () => {
  it('is what the registry holds: of the strikes that trained the model of the template', async () => {
    const found = await load(base, { dataset: 'bird-strike', version: '1' });
    expect(found).toMatchObject({ dataset: 'bird-strike', version: '1', path: stored });
    const profile = readProfile(found.profile);
    expect(profile).toMatchObject({
      rows: 2423,
      data: { where: 'flight_date < "1995" && id % 5 != 0' },
    });
    expect(await load(base, { model: 'bird-strike', version: '1.0.0' })).toEqual(found);
  });

  it('is missing where nobody names one, in words that say what is', async () => {
    expect(await refusal(base, { dataset: 'bird-strike', version: '2' })).toBe('ReferenceProfileMissing');
    expect(await refusal(base, { dataset: 'births', version: '1' })).toBe('ReferenceProfileMissing');
    expect(await refusal(base, { model: 'bird-strike', version: '9.0.0' })).toBe('ReferenceProfileMissing');
    const without = await made.replace(manifest, / +profile: .*\n/, '');
    expect(await refusal(without, { dataset: 'bird-strike', version: '1' })).toBe('ReferenceProfileMissing');
  });

  it('is refused where it was changed', async () => {
    const commit = await made.replace(stored, '"missing":0', '"missing":1');
    expect(await refusal(commit, { dataset: 'bird-strike', version: '1' })).toBe('ProfileTampered');
  });

  it('is refused where the data are others, by its proposal, too', async () => {
    const commit = await made.replace(manifest, 'digest: sha256:9c34', 'digest: sha256:9c35');
    expect(await refusal(commit, { dataset: 'bird-strike', version: '1' })).toBe('ProfileOfOtherData');
    const verdict = await inCommit(commit, (_resources, readBlob, subject) =>
      judge(referenceProfileCheck(readBlob), subject),
    );
    expect(verdict).toMatchObject({
      outcome: 'fail',
      annotations: [{ code: 'ProfileOfOtherData', path: manifest, pointer: '/spec/versions/0/profile' }],
    });
  });
});

describe('the check of profiles', () => {
  it('passes what is right, and has nothing to say about other changes', async () => {
    const other = await made.commit({ 'README.md': 'Hello.\n' });
    const changed = await made.replace(manifest, 'license: U.S.', 'license: A U.S.');
    const outcome = (commit: string) =>
      inCommit(commit, (_resources, readBlob, subject) => judge(referenceProfileCheck(readBlob), subject));
    expect((await outcome(other)).outcome).toBe('none');
    expect(await outcome(changed)).toMatchObject({
      outcome: 'pass',
      summary: 'bird-strike@1: made of the data of that version',
    });
  });
});

describe('a dataset with a profile', () => {
  const reconcile = (commit: string, cell?: unknown) =>
    inCommit(commit, async (resources, readBlob) => {
      const opened: string[] = [];
      const controller = datasetController((blob) => {
        opened.push(blob);
        return readBlob(blob);
      });
      const resource = resources.get('Dataset/bird-strike');
      if (resource === undefined) throw new Error('no dataset');
      const request = requestFor(datasetKind, resource, [], cell === undefined ? {} : { cell });
      const outcome = await controller.reconcile(request as never);
      return { outcome, saved: request.saved.cell, opened: opened.length };
    });

  it('is verified with it, and neither is read twice', async () => {
    const first = await reconcile(base);
    expect(first.outcome).toMatchObject({
      reason: 'FilesVerified',
      message: '1 file has the size and the digest that the manifest declares; the profile is of its data',
    });
    const again = await reconcile(base, first.saved);
    expect([again.outcome, again.opened]).toEqual([first.outcome, 0]);
  });

  it('stalls where the profile was changed', async () => {
    const commit = await made.replace(stored, '"missing":0', '"missing":1');
    expect((await reconcile(commit)).outcome).toMatchObject({ state: 'stalled', reason: 'ProfileTampered' });
  });
});
