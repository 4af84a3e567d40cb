import { type Join, joinProposals } from '../../plugins/forge-git/join.ts';
import { exitCodes } from '../exit-codes.ts';
import { cloneRemote } from '../offline/clone-remote.ts';
import { withProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';
import { noRemote } from './errors.ts';
import { type ProposingOptions, withProposals } from './open-proposals.ts';

const fetched = 'refs/remotes/origin/proposals/';

/** Brings the proposals of `origin` here, and joins what both wrote. */
export function fetchProposals(options: ProposingOptions, terminal: Terminal): Promise<number> {
  return withProposals(options, terminal, async ({ repository, root }) => {
    const remote = await remoteOf(root, terminal);
    const join = await withProgress(terminal, `fetching from ${remote.url}`, bring(remote, repository));
    terminal.out(describe(join));
    return exitCodes.success;
  });
}

/** Brings what is there, joins it, and sends what is new here: proposals, and the base branch where it goes on from theirs. */
export function pushProposals(options: ProposingOptions, terminal: Terminal): Promise<number> {
  return withProposals(options, terminal, async ({ repository, root, registry }) => {
    const remote = await remoteOf(root, terminal);
    const join = await withProgress(terminal, `fetching from ${remote.url}`, bring(remote, repository));
    if (join.proposals.length > 0 || join.rivals.length > 0) terminal.out(describe(join));
    const branch = registry.reference.replace(/^refs\/heads\//, '');
    const theirs = await repository.resolve(`refs/remotes/origin/${branch}`);
    const ours = await repository.resolve(registry.reference);
    const isAhead =
      theirs !== undefined &&
      ours !== undefined &&
      theirs !== ours &&
      (await repository.isAncestor(theirs, ours));
    const updates = [
      ...(isAhead ? [{ reference: registry.reference, from: theirs, to: ours }] : []),
      ...join.ahead,
    ];
    if (updates.length > 0) await withProgress(terminal, `pushing to ${remote.url}`, remote.push(updates));
    const what = updates.length === 1 ? '1 reference' : `${updates.length} references`;
    terminal.out(
      updates.length === 0
        ? 'There is nothing to push.\n'
        : `Pushed ${what}${isAhead ? `, ${branch} among them` : ''}.\n`,
    );
    return exitCodes.success;
  });
}

async function remoteOf(root: string, terminal: Terminal) {
  const remote = await cloneRemote(root, terminal.environment);
  if (remote === undefined) throw noRemote(root);
  return remote;
}

async function bring(
  remote: Awaited<ReturnType<typeof remoteOf>>,
  repository: Parameters<typeof joinProposals>[0],
): Promise<Join> {
  await remote.fetch(['refs/proposals/*'], fetched);
  return joinProposals(repository, fetched);
}

function describe({ proposals, rivals }: Join): string {
  const lines = proposals.map(({ number, action, from, reason }) => {
    const words = {
      taken: 'is new here',
      advanced: 'went on there',
      joined: 'went on in both, and was joined',
      renumbered: `was #${from} here`,
      skipped: `cannot be read: ${reason}`,
    };
    return `#${number} ${words[action]}.`;
  });
  for (const numbers of rivals) {
    lines.push(`${numbers.map((number) => `#${number}`).join(' and ')} want the same: close all but one.`);
  }
  return lines.length === 0 ? 'Nothing is new.\n' : `${lines.join('\n')}\n`;
}
