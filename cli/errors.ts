import { dirname } from 'node:path';
import { messageOf, SwitchyardError } from '../core/errors.ts';
import { didYouMean } from '../libraries/did-you-mean/index.ts';

/** The command line was not understood. */
export function usageError(message: string, hint: string): SwitchyardError {
  return new SwitchyardError('UsageError', message, { hint, status: 400 });
}

/** `init` never writes into a folder that holds something. */
export function folderNotEmpty(folder: string, holds: string): SwitchyardError {
  return new SwitchyardError('FolderNotEmpty', `the folder is not empty: it holds ${holds}`, {
    where: folder,
    hint: 'Name a folder that does not exist yet, or an empty one.',
  });
}

/** `init` could not make the folder or write into it. */
export function folderNotWritable(folder: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('FolderNotWritable', `the folder cannot be written: ${messageOf(cause)}`, {
    where: folder,
    hint: 'Name a folder where this user may write.',
    cause,
  });
}

/** A revision that the repository does not know. */
export function revisionNotFound(revision: string, repository: string): SwitchyardError {
  return new SwitchyardError('RevisionNotFound', `there is no commit called ${revision}`, {
    where: repository,
    hint: 'Name a branch, a tag or a commit; in a shallow clone, fetch more history first.',
    status: 404,
  });
}

/** A clone of limited depth is asked what only the whole history can tell. */
export function historyCutShort(repository: string): SwitchyardError {
  return new SwitchyardError('HistoryCutShort', 'this clone holds only the newest part of the history', {
    where: repository,
    hint: 'Fetch the rest with: git fetch --unshallow.',
  });
}

/** What was named is neither a path nor a revision (`problem` says so), or holds no manifest: then `where` is its path. */
export function nothingToCheck(problem: string, where?: string): SwitchyardError {
  return new SwitchyardError('NothingToCheck', problem, {
    where,
    hint:
      where === undefined
        ? 'Name a folder, a Git repository, or a branch, tag or commit of the current one.'
        : 'Name the folder of a registry: switchyard check PATH. `switchyard init DIR` makes one.',
    status: 404,
  });
}

/** No environment is called so. */
export function noSuchEnvironment(name: string, known: readonly string[]): SwitchyardError {
  return new SwitchyardError('EnvironmentUnknown', `there is no environment ${JSON.stringify(name)}`, {
    hint: didYouMean(name, known) ?? 'The registry declares no environment yet.',
    status: 404,
  });
}

/** The resource that was named is there, but without a label that was asked for. */
export function labelMissing(ref: string, labels: readonly string[]): SwitchyardError {
  return new SwitchyardError('LabelMissing', `${ref} does not carry ${labels.join(', ')}`, {
    hint: `See its labels with: switchyard get ${ref} -o yaml.`,
    status: 404,
  });
}

/** The body of a prediction cannot be used. */
export function invalidPrediction(message: string, hint: string, where?: string): SwitchyardError {
  return new SwitchyardError('InvalidPrediction', message, { hint, where, status: 400 });
}

/** The file named on the command line cannot be read. */
export function fileUnreadable(path: string, cause: unknown): SwitchyardError {
  const problem = systemCode(cause) === 'EISDIR' ? 'it is a folder' : messageOf(cause);
  return new SwitchyardError('FileUnreadable', `the file cannot be read: ${problem}`, {
    where: path,
    hint: 'Name a file that this user may read.',
    cause,
  });
}

/** A file that was asked for cannot be written. */
export function fileNotWritable(path: string, cause: unknown): SwitchyardError {
  const code = systemCode(cause);
  const isLost = code === 'ENOENT';
  return new SwitchyardError(
    'FileNotWritable',
    `the file cannot be written: ${isLost ? 'its folder is not there' : messageOf(cause)}`,
    {
      where: path,
      hint: isLost ? `Make the folder first: mkdir -p ${dirname(path)}.` : roomFor(code),
      cause,
    },
  );
}

/** What a command says cannot be written to where its standard output goes. */
export function outputNotWritable(cause: unknown): SwitchyardError {
  return new SwitchyardError('OutputNotWritable', `not everything could be written: ${messageOf(cause)}`, {
    where: 'standard output',
    hint: 'Make room on the disk that the output goes to, or send it elsewhere, and run the command again.',
    cause,
  });
}

function roomFor(code: unknown): string {
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? 'Make room on that disk, or name a file on another one.'
    : 'Name a file in a folder where this user may write.';
}

function systemCode(cause: unknown): unknown {
  return (cause as { code?: unknown } | undefined)?.code;
}

/** A folder or file below the one that was named cannot be read. */
export function unreadable(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('Unreadable', `not everything can be read: ${messageOf(cause)}`, {
    where: path,
    hint: 'Name a folder that this user may read as a whole.',
    cause,
  });
}

/** A plugin's `plan` or setup asked for something that exists only where a platform runs. */
export function notWhilePlanning(): SwitchyardError {
  return new SwitchyardError('NotWhilePlanning', 'a plan must not need a running platform', {
    hint: 'Planning is pure: the plugin must call its providers in reconcile and not in setup or plan.',
  });
}

/** A moment that cannot be read. */
export function invalidMoment(text: string): SwitchyardError {
  return usageError(
    `'${text}' is no moment`,
    'Write 2026-03-01T14:03:00Z, 2026-03-01, 14:03 (today, UTC) or 2h ago.',
  );
}

/** History knows nothing of what was asked about. */
export function nothingKnown(what: string, where: string): SwitchyardError {
  return new SwitchyardError('NothingKnown', `the base branch knows nothing of ${what}`, {
    where,
    hint: 'Check the name with `switchyard get models`; in a shallow clone, fetch more history first.',
    status: 404,
  });
}

/** A prediction was made by a version that nobody had merged. */
export function answeredByPreview(id: string): SwitchyardError {
  return new SwitchyardError('AnsweredByPreview', `${id} was answered by the preview of a proposal`, {
    where: id,
    hint: 'No deployment had any part in it, and no log keeps it. The answer named its proposal (switchyard-proposal): `switchyard show NUMBER` tells of that.',
    status: 404,
  });
}

/** `policy test` found no recorded case. */
export function noCases(where: string): SwitchyardError {
  return new SwitchyardError('NoCases', 'there is no recorded case', {
    where,
    hint: 'Write one into policy-tests/NAME.yaml: docs/policies.md shows how.',
    status: 404,
  });
}

/** What a recorded case can say of a proposal is not all that its policies see: the case would be judged otherwise. */
export function caseNotRecorded(number: number, problems: readonly string[]): SwitchyardError {
  return new SwitchyardError(
    'CaseNotRecorded',
    `proposal ${number} cannot be recorded: as a case, ${problems.join('; ')}`,
    {
      where: `proposal ${number}`,
      hint: 'Nothing was written. Write the case by hand: docs/policies.md shows how.',
      status: 409,
    },
  );
}

/** What `experiment analyze` was given is no experiment. */
export function invalidExperiment(where: string, problem: string, hint?: string): SwitchyardError {
  return new SwitchyardError('InvalidExperiment', `the experiment cannot be read: ${problem}`, {
    where,
    status: 400,
    hint: hint ?? 'docs/statistics.md shows what an experiment looks like.',
  });
}

/** An experiment that can be read and not judged. */
export function degenerateExperiment(where: string, cause: Error): SwitchyardError {
  return new SwitchyardError('DegenerateInput', `the experiment cannot be judged: ${cause.message}`, {
    where,
    status: 422,
    hint: 'Wait for more rows, or correct the sums: docs/statistics.md says what each method needs.',
    cause,
  });
}

/** `import` never overwrites what is there. */
export function fileExists(file: string): SwitchyardError {
  return new SwitchyardError('FileExists', 'the file is there already, and says something else', {
    where: file,
    hint: 'Nothing was written. Move it away, choose another --out, or overwrite with --force.',
  });
}

/** Predictions that were begun and not ended are there; a new beginning would lose them. */
export function unfinishedThere(file: string): SwitchyardError {
  return new SwitchyardError('FileExists', 'predictions that were stopped are there', {
    where: file,
    hint: 'Nothing was written. Go on with them by --resume, or begin anew with --force.',
  });
}

/** Predictions of a file cannot be gone on with. */
export function resumeRefused(path: string, problem: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('ResumeRefused', `there is nothing to go on with: ${problem}`, {
    where: path,
    hint: 'Nothing was changed. Repeat the command that it was begun with, or begin anew without --resume, into another file or with --force.',
    cause,
  });
}

/** No verdict has that name. `type`: of the journal's entry that was named instead. */
export function verdictNotFound(name: string, type?: string): SwitchyardError {
  const instead = type === undefined ? '' : `: entry ${name} is a ${type} without one`;
  return new SwitchyardError('VerdictNotFound', `there is no verdict ${name} in the journal${instead}`, {
    hint: 'List them with: switchyard journal --type analysis.ended.',
    status: 404,
  });
}

/** Evidence that this version cannot judge, or that is damaged. */
export function verdictUnreadable(entry: number): SwitchyardError {
  return new SwitchyardError('VerdictUnreadable', `the evidence of entry ${entry} cannot be read`, {
    where: `journal entry ${entry}`,
    hint: 'It was written by another version of Switchyard, or the journal is damaged.',
  });
}

/** A file of labels that cannot be taken as it is: none of it was sent. */
export function invalidLabels(where: string, reason: string): SwitchyardError {
  return new SwitchyardError('InvalidLabels', `the labels cannot be read: ${reason}`, {
    where,
    status: 400,
    hint: 'Write CSV with the columns id and label, or JSON lines with the same fields. Nothing was sent.',
  });
}

/** A file of data that is not what its ending says. */
export function dataFileUnusable(path: string, cause: Error): SwitchyardError {
  return new SwitchyardError('DataFileUnusable', `the data cannot be read: ${cause.message}`, {
    where: path,
    status: 422,
    hint: 'CSV and TSV with a header, JSONL with an object a line, or Parquet are read.',
    cause,
  });
}

/** A file of predictions is read, but what it holds cannot be measured. */
export function predictionsUnusable(path: string, problem: string, hint: string): SwitchyardError {
  return new SwitchyardError('PredictionsUnusable', problem, { where: path, status: 422, hint });
}

/** A stored profile that is none, or not as it was written (`ProfileTampered`). */
export function profileUnusable(path: string, cause: Error): SwitchyardError {
  const isTampered = 'code' in cause && cause.code === 'ProfileTampered';
  const code = isTampered ? 'ProfileTampered' : 'ProfileUnusable';
  return new SwitchyardError(code, `the profile cannot be used: ${cause.message}`, {
    where: path,
    status: 422,
    hint: 'Make it anew: switchyard profile data FILE --out PROFILE.json.',
    cause,
  });
}
