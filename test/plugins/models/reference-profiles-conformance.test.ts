import type { Ref } from '../../../core/plugin.ts';
import { referenceProfileProvider } from '../../../plugins/models/reference-profile-provider.ts';
import {
  type Asked,
  type ProfilesUnderTest,
  referenceProfilesSuite,
} from '../../conformance/reference-profiles.ts';
import { proposalSubject } from '../../fixtures/proposal-subject.ts';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';

const manifest = 'datasets/bird-strike.yaml';
const stored = 'datasets/profiles/bird-strike@1.json';
const dataset = { dataset: 'bird-strike', version: '1' };

referenceProfilesSuite('of the registry', async (): Promise<ProfilesUnderTest> => {
  const made = new TemplateRegistry();
  const base = await made.make();
  const good = await proposalSubject(made.folder, base, base);
  const subjects = [good];
  const blobs = (blob: string) => good.repository.openBlob(blob);
  /** As it would be after that commit, which is taken back. */
  async function after(path: string, from: string | RegExp, to: string): Promise<Asked> {
    const before = made.read(path);
    const subject = await proposalSubject(made.folder, base, await made.replace(path, from, to));
    subjects.push(subject);
    await made.commit({ [path]: before });
    return { of: dataset, find: (ref: Ref) => subject.merged.resources.get(ref) };
  }
  const find = (ref: Ref) => good.merged.resources.get(ref);
  return {
    profiles: referenceProfileProvider(blobs),
    dataset: { of: dataset, find },
    model: { of: { model: 'bird-strike', version: '1.0.0' }, find },
    refused: {
      ReferenceProfileMissing: [
        { of: { dataset: 'bird-strike', version: '2' }, find },
        { of: { dataset: 'nobody', version: '1' }, find },
        { of: { model: 'bird-strike', version: '9.0.0' }, find },
        await after(manifest, / +profile: .*\n/, ''),
      ],
      ProfileTampered: [await after(stored, '"missing":0', '"missing":1')],
      ProfileOfOtherData: [await after(manifest, 'digest: sha256:9c34', 'digest: sha256:9c35')],
      ProfileUnusable: [
        await after(stored, /^.*$/s, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
      ],
    },
    async close() {
      for (const { repository } of subjects) await repository.close();
      made.close();
    },
  };
});
