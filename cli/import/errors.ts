/** Why nothing is imported. */
import { messageOf, SwitchyardError } from '../../core/errors.ts';

/** No document among the files is of a kind that is imported. */
export function nothingToImport(kind: string, files: readonly string[]): SwitchyardError {
  const kinds: Readonly<Record<string, string>> = {
    rollout: 'a Rollout or an AnalysisTemplate of Argo Rollouts',
    analysistemplate: 'an AnalysisTemplate of Argo Rollouts',
    canary: 'a Canary of Flagger',
  };
  return new SwitchyardError('NothingToImport', `no document is ${kinds[kind] ?? kind}`, {
    where: files.join(', '),
    hint: 'Name files that hold one; templates of Helm and their like must be rendered first.',
    status: 404,
  });
}

/** A file to import is larger than manifests are. */
export function sourceTooLarge(file: string, most: number): SwitchyardError {
  return new SwitchyardError('SourceTooLarge', `the file has more than ${most / 1024 / 1024} MiB`, {
    where: file,
    hint: 'Name files that hold manifests.',
  });
}

/** A manifest that was imported cannot be written. */
export function importNotWritable(file: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ImportNotWritable', `the manifest cannot be written: ${messageOf(cause)}`, {
    where: file,
    hint: 'Name a folder with --out where this user may write.',
    cause,
  });
}
