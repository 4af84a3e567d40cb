import { type Controller, type Host, ready, stalled } from '../../core/plugin.ts';
import { isFile, pathOfUri } from '../../libraries/manifest-path/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import { type Measured, measure, problemOf } from './file-check.ts';

interface Cell {
  /** One for each file that was read. */
  readonly files: readonly Measured[];
}

/** Verifies the files of a dataset that lie in the registry, each blob once. */
export function datasetController(readBlob: Host['readBlob']): Controller<DatasetSpec, Cell> {
  return {
    async reconcile({ resource, cell, save, signal }) {
      const { versions } = resource.spec;
      const facts = { versions: versions.length, newest: versions.at(-1)?.version };
      const known = new Map((cell?.files ?? []).map((file) => [file.blob, file]));
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
          await save({ files: [...known.values()] });
        }
        used.set(file.blob, measured);
        const problem = problemOf(file, measured, declared);
        if (problem === undefined) continue;
        reason ??= problem.reason;
        problems.push(problem.message);
      }
      if (used.size < known.size) await save({ files: [...used.values()] });
      if (reason !== undefined) return stalled(reason, problems.join('; '), { facts });
      if (used.size === 0) return ready('Registered', 'no version lies in the registry itself', { facts });
      const many = used.size === 1 ? '1 file has' : `${used.size} files have`;
      return ready('FilesVerified', `${many} the size and the digest that the manifest declares`, { facts });
    },
  };
}
