/** What can go wrong while something is proposed, judged or merged. */
import { SwitchyardError } from '../../core/plugin.ts';

/** The intent could not be written down, so nothing was begun. */
export const intentNotKept = (folder: string, reason: string, cause: unknown) =>
  new SwitchyardError('IntentNotKept', `the change cannot be written down: ${reason}`, {
    where: folder,
    status: 507,
    hint: 'Nothing was proposed. Make room on the disk, or let this process write there, and ask again.',
    cause,
  });

export const intentInvalid = (problem: string, where?: string) =>
  new SwitchyardError('IntentInvalid', problem, {
    ...(where === undefined ? {} : { where }),
    status: 400,
    hint: 'Correct the change that is asked for.',
  });

export const editRefused = (path: string, problem: string, hint?: string, cause?: unknown) =>
  new SwitchyardError('EditRefused', `${path} cannot be changed as asked: ${problem}`, {
    where: path,
    status: 409,
    hint: hint ?? 'Look at the file as it is on the base branch, and ask for a change that fits it.',
    cause,
  });

export const nothingToPropose = (title: string, open: number | undefined) =>
  new SwitchyardError('NothingToPropose', `the base branch already says it: ${title}`, {
    status: 409,
    hint:
      open === undefined
        ? 'There is nothing to do.'
        : `Proposal ${open} wants another change of the same: close it if it is no longer wanted.`,
  });

export const proposalDeclined = (number: number, by: string | undefined) =>
  new SwitchyardError(
    'ProposalDeclined',
    `the same change was closed as proposal ${number}${by === undefined ? '' : ` by ${by}`}`,
    { status: 409, hint: 'A person may ask for it again by hand; a program may once something differs.' },
  );

export const proposalTakenOver = (number: number) =>
  new SwitchyardError('ProposalTakenOver', `somebody has pushed to the branch of proposal ${number}`, {
    status: 409,
    hint: 'Their work is not overwritten. Merge or close that proposal, then ask again.',
  });

export const rollbackOpen = (number: number) =>
  new SwitchyardError(
    'RollbackOpen',
    `proposal ${number} puts Git right after a rollback, and quarantines what failed`,
    {
      where: `proposal ${number}`,
      status: 409,
      hint: `It is not overwritten. Merge it, or close it with \`switchyard close ${number} --message TEXT\`; then ask again.`,
    },
  );

export const tooManyProposals = (limit: number, until: string) =>
  new SwitchyardError('TooManyProposals', `${limit} proposals were opened within an hour`, {
    status: 429,
    hint: `Ask again after ${until}, or raise maxPerHour of the plugin proposals in platform.yaml.`,
  });

export const proposalElsewhere = (number: number, base: string, reference: string) =>
  new SwitchyardError('ProposalElsewhere', `proposal ${number} wants to change ${base}, not ${reference}`, {
    status: 409,
    hint: 'Only proposals for the branch that the platform follows are judged and merged here.',
  });

/** Head or base moved while it was judged: what was found holds for nothing that is there now. */
export const judgementVoid = (number: number, reason: string) =>
  new SwitchyardError('JudgementVoid', `the judgement of proposal ${number} is void: ${reason}`, {
    where: `proposal ${number}`,
    status: 409,
    hint: 'It was written nowhere. Ask again: what is there now is judged anew.',
  });

export const mergeRefused = (number: number, missing: readonly string[], hints: readonly string[]) =>
  new SwitchyardError('MergeRefused', `proposal ${number} may not merge: ${missing.join('; ')}`, {
    status: 409,
    hint: hints[0] ?? `See \`switchyard show ${number}\` for what is missing.`,
  });

export const baseMissing = (reference: string) =>
  new SwitchyardError('BaseMissing', `the registry has no ${reference} yet`, {
    where: reference,
    status: 409,
    hint: 'Commit the registry first: `switchyard init` makes one.',
  });

// ── Changes ──────────────────────────────────────────────────────────────────────────────────────────────────

export const noSuchModel = (name: string, hint: string | undefined) =>
  new SwitchyardError('NoSuchModel', `there is no model "${name}"`, {
    status: 404,
    hint: hint ?? 'Add models/<name>/model.yaml first.',
  });

export const noSuchVersion = (model: string, version: string, hint: string | undefined) =>
  new SwitchyardError('NoSuchVersion', `${model} has no version ${version}`, {
    status: 404,
    hint: hint ?? `Register it first: \`switchyard register ${model} FILE\`.`,
  });

export const noVersionToPromote = (model: string) =>
  new SwitchyardError('NoVersionToPromote', `${model} has no version that could be promoted`, {
    status: 409,
    hint: 'Pre-releases and quarantined versions are promoted only when they are named.',
  });

export const noSuchEnvironment = (name: string, hint: string | undefined) =>
  new SwitchyardError('NoSuchEnvironment', `there is no environment "${name}"`, {
    status: 404,
    hint: hint ?? 'Add environments/<name>/environment.yaml first.',
  });

export const noSuchDeployment = (model: string, environment: string, hint: string | undefined) =>
  new SwitchyardError('NoSuchDeployment', `nothing in ${environment} deploys ${model}`, {
    status: 404,
    hint: hint ?? `Add environments/${environment}/${model}.yaml with \`switchyard propose\`.`,
  });

export const severalDeployments = (model: string, environment: string, names: readonly string[]) =>
  new SwitchyardError('SeveralDeployments', `${names.length} deployments in ${environment} are of ${model}`, {
    status: 409,
    hint: `Name one: ${names.join(', ')}.`,
  });

export const alreadyDeployed = (deployment: string, version: string) =>
  new SwitchyardError('AlreadyDeployed', `${deployment} already says ${version}`, {
    status: 409,
    hint: 'There is nothing to change.',
  });

export const versionQuarantined = (model: string, version: string, reason: string) =>
  new SwitchyardError('VersionQuarantined', `${model} ${version} is quarantined: ${reason}`, {
    status: 409,
    hint: 'Choose another version, or propose to lift the quarantine first.',
  });

export const alreadyQuarantined = (model: string, version: string) =>
  new SwitchyardError('AlreadyQuarantined', `${model} ${version} is quarantined already`, {
    status: 409,
    hint: 'There is nothing to change.',
  });

export const notQuarantined = (model: string, version: string) =>
  new SwitchyardError('NotQuarantined', `${model} ${version} is not quarantined`, {
    status: 409,
    hint: 'There is nothing to change.',
  });

export const nothingToRollBackTo = (deployment: string, version: string) =>
  new SwitchyardError(
    'NothingToRollBackTo',
    `${deployment} was never on another usable version than ${version}`,
    {
      status: 409,
      hint: 'Name the version: --to VERSION.',
    },
  );

export const versionInUse = (model: string, version: string, users: readonly string[]) =>
  new SwitchyardError('VersionInUse', `${model} ${version} is deployed by ${users.join(', ')}`, {
    status: 409,
    hint: 'Move these to another version first.',
  });

export const modelInUse = (model: string, users: readonly string[]) =>
  new SwitchyardError('ModelInUse', `${model} is used by ${users.join(', ')}`, {
    status: 409,
    hint: 'Remove these first.',
  });

export const versionExists = (model: string, version: string) =>
  new SwitchyardError('VersionExists', `${model} has a version ${version} already`, {
    status: 409,
    hint: 'A version never changes. Register the artifact under a higher one, or name none and let it be computed.',
  });

export const artifactRegistered = (model: string, version: string) =>
  new SwitchyardError('ArtifactRegistered', `the same artifact is ${model} ${version} already`, {
    status: 409,
    hint: 'There is nothing to register.',
  });

export const versionTooLow = (version: string, previous: string, lowest: string, reason: string) =>
  new SwitchyardError('VersionTooLow', `${version} is too low after ${previous}: ${reason}`, {
    status: 409,
    hint: `Name it ${lowest} or higher, or name none and let it be computed.`,
  });

export const versionInvalid = (version: string) =>
  new SwitchyardError('VersionInvalid', `"${version}" is not a semantic version`, {
    status: 400,
    hint: 'Write it as 1.2.0.',
  });

export const artifactInvalid = (problem: string, cause?: unknown) =>
  new SwitchyardError('ArtifactInvalid', `the artifact cannot be registered: ${problem}`, {
    status: 400,
    hint: 'Export the model as one ONNX file whose inputs and outputs are tensors.',
    cause,
  });

export const examplesInvalid = (problem: string) =>
  new SwitchyardError('ExamplesInvalid', `the golden examples cannot be used: ${problem}`, {
    status: 400,
    hint: 'Write a list of {name, inputs, outputs, tolerance}, as `spec.examples` of a ModelVersion.',
  });

export const nothingChanged = () =>
  new SwitchyardError('NothingChanged', 'no file differs from the base', {
    status: 409,
    hint: 'Edit the registry first, then propose.',
  });

// ── Merging lines ────────────────────────────────────────────────────────────────────────────────────────────

export const noSuchLine = (model: string, line: string, hint: string | undefined) =>
  new SwitchyardError('NoSuchLine', `${model} has no line "${line}"`, {
    status: 404,
    hint: hint ?? 'See `switchyard lines`.',
  });

export const lineEmpty = (model: string, line: string) =>
  new SwitchyardError('NoSuchLine', `no version of ${model} on the line "${line}" can be merged`, {
    status: 404,
    hint: 'Pre-releases and quarantined versions do not count. Name a version, or register one on that line first.',
  });

export const alreadyMerged = (theirs: string, ours: string) =>
  new SwitchyardError('AlreadyMerged', `${ours} comes from ${theirs} already`, {
    status: 409,
    hint: 'There is nothing to merge until that line has a newer version.',
  });

export const linesUnrelated = (theirs: string, ours: string) =>
  new SwitchyardError('LinesUnrelated', `${theirs} and ${ours} have no common ancestor`, {
    status: 409,
    hint: 'See `switchyard lines` and the parents of both. To merge them all the same: --allow-unrelated.',
  });

export const signaturesIncompatible = (what: string, problems: readonly string[], hint: string) =>
  new SwitchyardError('SignaturesIncompatible', `${what}: ${problems.join('; ')}`, { status: 409, hint });

export const linesConflict = (what: string, conflicts: readonly string[], hints: readonly string[]) =>
  new SwitchyardError('LinesConflict', `${what}\n${conflicts.map((one) => `  ${one}`).join('\n')}`, {
    status: 409,
    hint: hints.join(' '),
  });

export const resolutionInvalid = (problem: string, sides: readonly string[] | undefined) =>
  new SwitchyardError('ResolutionInvalid', problem, {
    status: 400,
    hint:
      sides === undefined
        ? 'Leave that out: only what both lines changed differently is for you to say.'
        : `Write FIELD=SIDE, where the side is one of ${sides.join(', ')}.`,
  });

export const averageRefused = (problem: string, cause?: unknown) =>
  new SwitchyardError('AverageRefused', `the weights cannot be averaged: ${problem}`, {
    status: 409,
    hint: 'Only models with the same graph have an average, and only their float weights. Train one of both and give it with --artifact FILE.',
    cause,
  });

// ── Routes ───────────────────────────────────────────────────────────────────────────────────────────────────

export const requestInvalid = (where: string, problem: string) =>
  new SwitchyardError('RequestInvalid', problem, {
    where,
    status: 400,
    hint: 'See plugins/proposals/README.md for what this route takes.',
  });
