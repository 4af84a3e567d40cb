import { readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Proposed } from '../../core/capabilities/proposer.ts';
import type { Examined } from '../../core/capabilities/registry.ts';
import { messageOf } from '../../core/plugin.ts';
import type { Change } from '../../plugins/proposals/changes/change.ts';
import { deploymentIn } from '../../plugins/proposals/changes/look-up.ts';
import { promote } from '../../plugins/proposals/changes/promote.ts';
import { propose } from '../../plugins/proposals/changes/propose.ts';
import { liftQuarantine, quarantine } from '../../plugins/proposals/changes/quarantine.ts';
import { register } from '../../plugins/proposals/changes/register.ts';
import { retire } from '../../plugins/proposals/changes/retire.ts';
import { rollback, versionsBefore } from '../../plugins/proposals/changes/rollback.ts';
import type { ProposalWarning } from '../../plugins/proposals/judging/proposal-warnings.ts';
import type { JudgedCheck } from '../../plugins/proposals/proposals.ts';
import type {
  AskOptions,
  ProposeOptions,
  QuarantineOptions,
  RegisterOptions,
  RollbackOptions,
} from '../commands/ask.ts';
import { unreadable } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { readEvidence } from './evidence.ts';
import { readGiven } from './given-files.ts';
import { type Proposing, withProposals } from './open-proposals.ts';
import { type Person, personOf } from './person.ts';
import { changedFiles } from './work-tree.ts';

export type Build = (base: Examined, person: Person, proposing: Proposing) => Change | Promise<Change>;

export function askPromotion(
  model: string,
  version: string | undefined,
  options: AskOptions & { readonly to: string; readonly deployment?: string },
  terminal: Terminal,
) {
  return ask(options, terminal, (base, { by: author }) =>
    promote({
      base,
      author,
      model,
      to: options.to,
      ...(version === undefined ? {} : { version }),
      ...(options.deployment === undefined ? {} : { deployment: options.deployment }),
      ...reasonOf(options),
    }),
  );
}

export function askRollback(model: string, options: RollbackOptions, terminal: Terminal) {
  return ask(options, terminal, async (base, { by: author }, { repository }) => {
    const deployment = deploymentIn(base, model, options.in, options.deployment);
    return rollback({
      base,
      author,
      model,
      in: options.in,
      before: await versionsBefore(repository, base.commit, deployment),
      ...(options.to === undefined ? {} : { to: options.to }),
      ...(options.deployment === undefined ? {} : { deployment: options.deployment }),
      ...reasonOf(options),
    });
  });
}

export function askQuarantine(
  model: string,
  version: string,
  options: QuarantineOptions,
  terminal: Terminal,
) {
  const { lift, evidence, reason } = options;
  return ask(options, terminal, (base, { by: author }) =>
    lift === true
      ? liftQuarantine({ base, author, model, version, reason })
      : quarantine({ base, author, model, version, reason, now: Date.now(), ...(evidence && { evidence }) }),
  );
}

export function askRetirement(
  model: string,
  version: string | undefined,
  options: AskOptions,
  terminal: Terminal,
) {
  return ask(options, terminal, (base, { by: author }) =>
    retire({ base, author, model, ...(version === undefined ? {} : { version }), ...reasonOf(options) }),
  );
}

export function askRegistration(model: string, file: string, options: RegisterOptions, terminal: Terminal) {
  return ask(options, terminal, async (base, { by: author }) => {
    return register({
      base,
      author,
      model,
      artifact: await readGiven(file, terminal),
      ...(options.uri === undefined ? {} : { uri: options.uri }),
      ...(options.as === undefined ? {} : { version: options.as }),
      ...(options.line === undefined ? {} : { line: options.line }),
      ...(options.parent === undefined ? {} : { parents: options.parent }),
      ...(await readEvidence(options, terminal)),
      ...reasonOf(options),
    });
  });
}

export function askAnything(paths: readonly string[], options: ProposeOptions, terminal: Terminal) {
  return ask(options, terminal, async (base, { by: author }, { root }) => {
    const inside = paths.map(
      (path) => relative(root, resolve(terminal.folder, path)).split(sep).join('/') || '.',
    );
    const changed = await changedFiles(root, base.commit, inside, terminal);
    const files = new Map<string, Uint8Array | null>();
    for (const path of changed) {
      files.set(
        path,
        await readFile(join(root, path)).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return null;
          throw unreadable(path, error);
        }),
      );
    }
    return propose({ base, author, title: options.message, files, ...reasonOf(options) });
  });
}

/** Builds a change on what the base branch says now, and proposes it. */
export function ask(options: AskOptions, terminal: Terminal, build: Build): Promise<number> {
  return withProposals(options, terminal, async (proposing) => {
    const { proposals, registry, root, base } = proposing;
    const person = await personOf(root, terminal, false);
    const change = await build(await registry.examine(base), person, proposing);
    tellWarnings(change.warnings, terminal);
    const { intent } = change;
    if (options.dryRun === true) {
      terminal.out(structured(intent, options.output ?? 'yaml'));
      return exitCodes.success;
    }
    const work = proposals.propose(
      { ...intent, ...(options.label === undefined ? {} : { labels: options.label }) },
      { byHand: true, ...(person.sign === undefined ? {} : { sign: person.sign }) },
    );
    const proposed = await withProgress(terminal, 'proposing', work);
    const found = proposed.state === 'queued' ? noProblems : await problemsOf(proposed, proposing, terminal);
    if (options.output !== undefined) {
      terminal.out(structured({ ...proposed, ...found }, options.output));
    } else if (proposed.state === 'queued') {
      terminal.out(
        `The forge cannot be asked now (${oneLine(proposed.reason)}): it is written down and goes on by itself.\n`,
      );
    } else {
      const { number, url, title } = proposed.proposal;
      terminal.out(`${doneWords(proposed, options.label)}: ${oneLine(title)}\n`);
      terminal.out(`${url ?? `See \`switchyard show ${number}\`.`}\n`);
    }
    const said = new Set(change.warnings.map(({ message }) => message));
    tellWarnings(
      found.warnings.filter(({ message }) => !said.has(message)),
      terminal,
    );
    for (const { name, summary } of found.failed) {
      terminal.err(`${terminal.errColours.red('✘')} ${name}: ${oneLine(summary)}\n`);
    }
    return exitCodes.success;
  });
}

function doneWords(
  { proposal: { number }, done }: Extract<Proposed, { state: 'open' }>,
  labels: readonly string[] = [],
): string {
  switch (done) {
    case 'opened':
      return `Opened #${number}`;
    case 'updated':
      return `Updated #${number}`;
    case 'labelled':
      return `Put ${oneLine(labels.join(', '))} on #${number}`;
    case 'nothing':
      return `Open already as #${number}`;
  }
}

interface Problems {
  /** What does not block it. */
  readonly warnings: readonly ProposalWarning[];
  /** Checks that are quick and do not pass. */
  readonly failed: readonly Pick<JudgedCheck, 'name' | 'summary'>[];
}

const noProblems: Problems = { warnings: [], failed: [] };

/** What a reviewer would see at first sight. It is proposed all the same where that cannot be said. */
async function problemsOf(
  { proposal }: Extract<Proposed, { state: 'open' }>,
  { proposals }: Proposing,
  terminal: Terminal,
): Promise<Problems> {
  try {
    const look = proposals.show(proposal.number, { run: 'none' });
    const { judgement } = await withProgress(terminal, 'looking for problems', look);
    if (judgement === null) return noProblems;
    const failed = judgement.checks.filter(({ outcome }) => outcome === 'fail');
    return {
      warnings: judgement.warnings,
      failed: failed.map(({ name, summary }) => ({ name, summary })),
    };
  } catch (error) {
    terminal.err(
      `${terminal.errColours.yellow('!')} It cannot be judged now: ${oneLine(messageOf(error))}\n`,
    );
    return noProblems;
  }
}

function tellWarnings(warnings: readonly ProposalWarning[], terminal: Terminal): void {
  for (const { message, hint, where } of warnings) {
    const place = where === undefined ? '' : `${oneLine(where)}: `;
    const next = hint === undefined ? '' : `. ${oneLine(hint)}`;
    terminal.err(`${terminal.errColours.yellow('!')} ${place}${oneLine(message)}${next}\n`);
  }
}

export function reasonOf({ reason }: AskOptions): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}
