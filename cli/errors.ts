import { messageOf, SwitchyardError } from '../core/errors.ts';
import { suggestion } from '../core/manifest/suggest.ts';

/** The command line was not understood. */
export function usageError(message: string, hint: string): SwitchyardError {
  return new SwitchyardError('UsageError', message, { hint, status: 400 });
}

/** Nothing answers at the API's address. */
export function serverUnreachable(url: string, how: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ServerUnreachable', `no platform answers at ${url} (${reasonOf(cause)})`, {
    where: how,
    hint: 'Start one with `switchyard up`, or name its address with --api or SWITCHYARD_API.',
    cause,
  });
}

/** Something answers there, but not as a platform does. */
export function unexpectedAnswer(url: string, status: number, cause?: unknown): SwitchyardError {
  return new SwitchyardError(
    'UnexpectedAnswer',
    `what answers there is no Switchyard API (status ${status})`,
    {
      where: url,
      hint: 'Check the address: --api names the status API, not the inference port.',
      cause,
    },
  );
}

/** More than one platform runs on this machine and none belongs to this folder. */
export function severalPlatforms(addresses: readonly string[]): SwitchyardError {
  return new SwitchyardError('SeveralPlatforms', `${addresses.length} platforms run on this machine`, {
    hint: `Name one with --api: ${addresses.join(', ')}.`,
    status: 400,
  });
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

/** A name that several resources have, in different scopes. */
export function ambiguousName(what: string, refs: readonly string[]): SwitchyardError {
  return new SwitchyardError('AmbiguousName', `${what} means ${refs.length} resources`, {
    hint: `Say which: ${refs.join(', ')}.`,
    status: 400,
  });
}

/** No commit that the platform has read begins so. */
export function commitUnknown(beginning: string): SwitchyardError {
  return new SwitchyardError('CommitUnknown', `the platform knows no commit that begins with ${beginning}`, {
    hint: 'See `switchyard status` for what is applied or held; an older commit is named by its whole id.',
    status: 404,
  });
}

/** Several commits begin so. */
export function ambiguousCommit(beginning: string, commits: readonly string[]): SwitchyardError {
  return new SwitchyardError('AmbiguousCommit', `${commits.length} commits begin with ${beginning}`, {
    hint: `Write more of it: ${commits.slice(0, 5).join(', ')}.`,
    status: 400,
  });
}

/** No environment is called so. */
export function noSuchEnvironment(name: string, known: readonly string[]): SwitchyardError {
  return new SwitchyardError('EnvironmentUnknown', `there is no environment ${JSON.stringify(name)}`, {
    hint: suggestion(name, known) ?? 'The registry declares no environment yet.',
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

/** The inference server refused a prediction, and says no code. */
export function predictionRefused(message: string, status: number, where: string): SwitchyardError {
  return new SwitchyardError('PredictionRefused', message, { where, hint: hintFor(status), status });
}

/** What to do where a server says no hint of its own. */
export function hintFor(status: number): string {
  return status === 404
    ? 'See what is served with `switchyard get deployments`.'
    : 'See the inputs that the model takes with `switchyard predict DEPLOYMENT --inputs`.';
}

/** The file named on the command line cannot be read. */
export function fileUnreadable(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('FileUnreadable', `the file cannot be read: ${messageOf(cause)}`, {
    where: path,
    hint: 'Name a file that this user may read.',
    cause,
  });
}

/** A file that was asked for cannot be written. */
export function fileNotWritable(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('FileNotWritable', `the file cannot be written: ${messageOf(cause)}`, {
    where: path,
    hint: 'Nothing was proposed. Name a file in a folder where this user may write.',
    cause,
  });
}

/** An artifact of the registry is not what its manifest says. */
export function artifactDiffers(where: string, found: string, declared: string): SwitchyardError {
  return new SwitchyardError('DigestMismatch', `its artifact is ${found}, not ${declared}`, {
    where,
    hint: 'Find out which is right before correcting either.',
  });
}

/** A folder or file below the one that was named cannot be read. */
export function unreadable(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('Unreadable', `not everything can be read: ${messageOf(cause)}`, {
    where: path,
    hint: 'Name a folder that this user may read as a whole.',
    cause,
  });
}

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code: unknown = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : messageOf(cause);
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

/** The versions of a proposal cannot be tried. */
export function previewNotReady(proposal: string, reason: string): SwitchyardError {
  return new SwitchyardError('PreviewNotReady', reason, {
    where: `proposal ${proposal}`,
    status: 503,
    hint: 'Correct the proposal, or try again in half a minute.',
  });
}

/** The registry does not name the plugin that proposals need. */
export function proposalsNotHere(root: string): SwitchyardError {
  return new SwitchyardError(
    'ProposalsNotHere',
    'the platform.yaml of the base branch names no plugin `proposals`',
    {
      where: root,
      hint: 'Add `- name: proposals`, `- name: forge-git` and `- name: policies` to its plugins.',
    },
  );
}

/** There is no such branch in the clone. */
export function referenceUnknown(reference: string, root: string): SwitchyardError {
  return new SwitchyardError('ReferenceUnknown', `there is no branch ${reference}`, {
    where: root,
    hint: 'Name the branch that the platform runs from with --reference, or fetch it first.',
    status: 404,
  });
}

/** A review says one thing. */
export function verdictUnclear(): SwitchyardError {
  return usageError(
    'a review says one of --approve, --request-changes and --comment',
    'See `switchyard help review`.',
  );
}

/** The remote of a clone refused, or did not answer. */
export function remoteSaidNo(url: string, complaint: string): SwitchyardError {
  const lines = complaint.split('\n').map((line) => line.trim());
  // What only follows from the refusal of another reference says nothing.
  const follows = /^$|^To |\(atomic push failure\)$|^error: failed to push some refs/;
  const telling = lines.filter((line) => !follows.test(line));
  const checkedOut = telling.find((line) => line.endsWith('(branch is currently checked out)'));
  const reason = checkedOut ?? (telling.slice(-4).join(' ') || 'it did not answer');
  return new SwitchyardError('RemoteSaidNo', `the remote did not do what was asked: ${reason}`, {
    where: url,
    hint:
      checkedOut === undefined
        ? 'Try `git fetch origin` in this clone: it asks in the same way.'
        : 'Share a bare repository (`git clone --bare`), or let the work tree there follow: in it, `git config receive.denyCurrentBranch updateInstead`.',
  });
}

/** A clone without a remote has nobody to exchange proposals with. */
export function noRemote(root: string): SwitchyardError {
  return new SwitchyardError('NoRemote', 'this clone has no remote `origin`', {
    where: root,
    hint: 'Add one with `git remote add origin URL`.',
    status: 400,
  });
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

/** `import` never overwrites what is there. */
export function fileExists(file: string): SwitchyardError {
  return new SwitchyardError('FileExists', 'the file is there already, and says something else', {
    where: file,
    hint: 'Nothing was written. Move it away, choose another --out, or overwrite with --force.',
  });
}

/** Predictions of a file cannot be gone on with. */
export function resumeRefused(path: string, problem: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('ResumeRefused', `there is nothing to go on with: ${problem}`, {
    where: path,
    hint: 'Nothing was changed. Begin anew without --resume, into another file or with --force.',
    cause,
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
    hint: 'CSV and TSV with a header, JSONL with an object a line, or Parquet (Snappy, gzip, Brotli) are read.',
    cause,
  });
}

/** A file of predictions is read, but what it holds cannot be measured. */
export function predictionsUnusable(path: string, problem: string, hint: string): SwitchyardError {
  return new SwitchyardError('PredictionsUnusable', problem, { where: path, status: 422, hint });
}

/** The platform runs without the plugin that tells of alerts. */
export function alertingMissing(platform: string): SwitchyardError {
  return new SwitchyardError('AlertingMissing', 'this platform tells of no alerts', {
    where: platform,
    hint: 'Name the plugins alerting and notifiers in platform.yaml: see docs/alerts.md.',
    status: 404,
  });
}

/** The platform runs without the plugin that watches deployments. */
export function monitorsMissing(platform: string): SwitchyardError {
  return new SwitchyardError('MonitorsMissing', 'this platform watches nothing', {
    where: platform,
    hint: 'Name the plugin monitors in platform.yaml: see docs/kinds/monitor.md.',
    status: 404,
  });
}

/** The platform runs without the plugin that watches service levels. */
export function sloMissing(platform: string): SwitchyardError {
  return new SwitchyardError('SloMissing', 'this platform watches no service levels', {
    where: platform,
    hint: 'Name the plugin slo in platform.yaml: see docs/slo.md.',
    status: 404,
  });
}

/** It has no spec.slo, or is not there. */
export function promiseNotFound(deployment: string): SwitchyardError {
  return new SwitchyardError('PromisesNothing', `${deployment} promises nothing`, {
    where: deployment,
    hint: 'List those that do with: switchyard slo. To promise something, add spec.slo: see docs/slo.md.',
    status: 404,
  });
}

/** No alert has that id, or several begin like it. */
export function alertNotFound(id: string, ids: readonly string[]): SwitchyardError {
  const several = ids.length > 1;
  return new SwitchyardError(
    'AlertNotFound',
    several ? `${id} may mean ${ids.length} alerts` : `there is no alert ${id}`,
    {
      hint: several
        ? `Write more of it: ${ids.slice(0, 5).join(', ')}.`
        : 'List them with: switchyard alerts --all.',
      status: 404,
    },
  );
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

/** The registry here declares no such dataset, or no such version of it, or it is not valid. */
export function datasetNotFound(subject: string, why: string, hint: string): SwitchyardError {
  return new SwitchyardError('DatasetNotFound', `${subject}: ${why}`, { hint, status: 404 });
}

/** A file is not what the version of a dataset declares. */
export function dataIsAnother(path: string, found: string, declared: string): SwitchyardError {
  return new SwitchyardError('DataIsAnother', `the file is ${found}, and ${declared}`, {
    where: path,
    status: 422,
    hint: 'Name the file of that version, or declare the file as a version of its own. Nothing was written.',
  });
}

/** A manifest that cannot be edited in its place. */
export function manifestNotEdited(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ManifestNotEdited', `the manifest was not edited: ${messageOf(cause)}`, {
    where: path,
    status: 422,
    hint: 'Write the profile with --out, and name its path and digest in the manifest by hand.',
    cause,
  });
}
