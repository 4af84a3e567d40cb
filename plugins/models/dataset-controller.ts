import { createHash } from 'node:crypto';
import { type Controller, type Host, type Request, ready, stalled } from '../../core/plugin.ts';
import { isFile, pathOfUri } from '../../libraries/manifest-path/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import { type Measured, measure, problemOf } from './file-check.ts';
import { namedProfiles, type ProfileProblem, profileProblem } from './reference-profile.ts';

interface Cell {
  /** One for each file that was read. */
  readonly files: readonly Measured[];
  readonly profiles?: readonly JudgedProfile[];
}

interface JudgedProfile {
  /** The blob, and what is said of it. */
  readonly key: string;
  readonly problem?: Pick<ProfileProblem, 'code' | 'message'>;
}

/** Verifies the files of a dataset that lie in the registry, its profiles among them, each blob once. */
export function datasetController(readBlob: Host['readBlob']): Controller<DatasetSpec, Cell> {
  return {
    async reconcile(request) {
      const { resource, cell, save, signal } = request;
      const { versions } = resource.spec;
      const profiles = await judgeProfiles(request);
      const facts = { versions: versions.length, newest: versions.at(-1)?.version };
      const known = new Map(
        // An earlier release did not keep what a Git LFS pointer stands for.
        (cell?.files ?? []).filter(({ lfs }) => lfs !== undefined).map((file) => [file.blob, file]),
      );
      const used = new Map<string, Measured>();
      const problems: string[] = [];
      let reason: string | undefined;
      for (const declared of versions) {
        if (!isFile(declared.uri)) continue;
        const path = pathOfUri(resource, declared.uri);
        const file = resource.attachments.find((attachment) => attachment.path === path);
        if (file === undefined) {
          reason ??= 'FileMissing';
          problems.push(`the commit holds no file for the version ${declared.version}`);
          continue;
        }
        const measured = known.get(file.blob) ?? (await measure(readBlob, file.blob, signal));
        if (!known.has(file.blob)) {
          known.set(file.blob, measured);
          await save({ files: [...known.values()], profiles });
        }
        used.set(file.blob, measured);
        const problem = problemOf(file, measured, declared);
        if (problem === undefined) continue;
        reason ??= problem.reason;
        problems.push(problem.message);
      }
      if (used.size < known.size) await save({ files: [...used.values()], profiles });
      for (const { problem } of profiles) {
        if (problem === undefined) continue;
        reason ??= problem.code;
        problems.push(problem.message);
      }
      if (reason !== undefined) return stalled(reason, problems.join('; '), { facts });
      const files = used.size + profiles.length;
      if (files === 0) return ready('Registered', 'no version lies in the registry itself', { facts });
      const many = used.size === 1 ? '1 file has' : `${used.size} files have`;
      const verified = used.size === 0 ? [] : [`${many} the size and the digest that the manifest declares`];
      if (profiles.length > 0)
        verified.push(profiles.length === 1 ? 'the profile is of its data' : 'profiles are of their data');
      return ready('FilesVerified', verified.join('; '), { facts });
    },
  };

  /** What is wrong with each profile that the dataset names; kept, so that none is read twice. */
  async function judgeProfiles({
    resource,
    cell,
    save,
    signal,
  }: Request<DatasetSpec, Cell>): Promise<readonly JudgedProfile[]> {
    const known = new Map((cell?.profiles ?? []).map((judged) => [judged.key, judged]));
    const judged: JudgedProfile[] = [];
    for (const named of namedProfiles(resource)) {
      const key = `${named.file?.blob} ${digestOf(named.claim)}`;
      const before = known.get(key);
      const problem = before === undefined ? await profileProblem(readBlob, named, signal) : before.problem;
      judged.push({ key, ...(problem === undefined ? {} : { problem }) });
    }
    const isKnown = judged.length === known.size && judged.every(({ key }) => known.has(key));
    if (!isKnown) await save({ files: cell?.files ?? [], profiles: judged });
    return judged;
  }
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
