import type { Judgement, ShownProposal } from '../../plugins/proposals/proposals.ts';
import type { ListOptions, ShowOptions } from '../commands/proposals.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../output/progress.ts';
import { brokenLines, proposalForPeople, proposalList } from '../output/proposals.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { BackgroundJudging } from './background-judging.ts';
import { type Proposing, withProposals } from './open-proposals.ts';
import { withPlatformTraffic } from './platform-traffic.ts';

/** Prints the list of proposals. */
export function listProposals(options: ListOptions, terminal: Terminal): Promise<number> {
  const { state, limit, output } = options;
  return withProposals(options, terminal, async ({ proposals }) => {
    const found = await proposals.list({ limit, ...(state === 'all' ? {} : { state }) });
    const broken = await proposals.broken();
    if (output !== undefined) terminal.out(structured({ items: found, broken }, output));
    else if (found.length === 0) terminal.out(`No ${state === 'all' ? '' : `${state} `}proposals.\n`);
    else terminal.out(proposalList(found, { ...terminal, now: Date.now() }));
    terminal.err(brokenLines(broken, { colours: terminal.errColours }));
    return exitCodes.success;
  });
}

/**
 * Prints all that a reviewer wants to know of a proposal as it stands here. Slow checks that nobody judged yet are pending
 * in it, and go on in a process of their own; or they are waited for.
 */
export function showProposal(number: number, options: ShowOptions, terminal: Terminal): Promise<number> {
  return withProposals(options, terminal, async (proposing) => {
    const judged =
      options.wait === true
        ? await judgedProposal(number, options, proposing, terminal)
        : await knownProposal(number, options, proposing, terminal);
    const shown = await withPlatformTraffic(judged, proposing.root, terminal);
    terminal.out(
      options.output === undefined
        ? proposalForPeople(shown, { ...terminal, now: Date.now() })
        : structured(shown, options.output),
    );
    const isWell = shown.proposal.state === 'merged' || shown.judgement?.verdict.state === 'allowed';
    return isWell ? exitCodes.success : exitCodes.problems;
  });
}

async function judgedProposal(
  number: number,
  { again }: ShowOptions,
  { proposals, forge, folder, base }: Proposing,
  terminal: Terminal,
): Promise<ShownProposal> {
  let doing = `judging proposal ${number}`;
  const onChange = ({ checks }: Judgement): void => {
    const left = checks.filter(({ outcome }) => outcome === 'pending');
    const [first] = left;
    const which =
      first === undefined ? '' : `: ${first.name}, ${left.length} of ${checks.length} checks to go`;
    doing = `judging proposal ${number}${which}`;
  };
  const head = (await forge.get(number))?.head ?? '';
  const judge = () =>
    proposals.show(number, { run: 'wait', onChange, ...(again === true ? { again: 'all' } : {}) });
  const work = new BackgroundJudging(folder).judge({ number, head, base }, terminal.signal, judge);
  return withProgress(terminal, () => doing, work);
}

async function knownProposal(
  number: number,
  options: ShowOptions,
  { proposals, folder }: Proposing,
  terminal: Terminal,
): Promise<ShownProposal> {
  const again = options.again === true ? ({ again: 'all' } as const) : {};
  const work = proposals.show(number, { run: 'none', ...again });
  const shown = await withProgress(terminal, `reading proposal ${number}`, work);
  const { judgement } = shown;
  if (judgement?.verdict.state !== 'pending') return shown;
  const words = ['show', String(number), '--wait', '--output', 'json', '--repo', options.repo];
  if (options.again === true) words.push('--again');
  if (options.reference !== undefined) words.push('--reference', options.reference);
  if (options.config !== undefined) words.push('--config', options.config);
  const goesOn = await new BackgroundJudging(folder).begin(judgement, words, terminal);
  const how = goesOn ? 'They go on in the background: ask again, or wait' : 'Wait for them';
  terminal.err(`Checks have not ended. ${how}: \`switchyard show ${number} --wait\`.\n`);
  return shown;
}
