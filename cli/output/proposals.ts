import type { BrokenProposal, Proposal } from '../../core/capabilities/forge.ts';
import { reasonIn } from '../../plugins/proposals/comment/opening-body.ts';
import { trafficWords } from '../../plugins/proposals/comment/traffic-words.ts';
import { tooShortHint, waitsOf } from '../../plugins/proposals/comment/wait-words.ts';
import type {
  JudgedCheck,
  Judgement,
  ListedProposal,
  ShownProposal,
  Verdict,
} from '../../plugins/proposals/proposals.ts';
import type { Colours } from '../terminal.ts';
import { oneLine, printable } from '../terminal.ts';
import { age } from './age.ts';
import { planForPeople } from './plan.ts';
import { table } from './table.ts';

interface View {
  readonly colours: Colours;
  readonly width: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The list of proposals: one line each, what waits for somebody first in the eye. */
export function proposalList(proposals: readonly ListedProposal[], { colours, width, now }: View): string {
  const rows = proposals.map(({ proposal, verdict }) => [
    String(proposal.number),
    stateWord(proposal, verdict, colours),
    oneLine(proposal.author.name),
    age(proposal.updatedAt, now),
    oneLine(proposal.title),
  ]);
  return table(['#', 'STATE', 'BY', 'AGE', 'TITLE'], rows, { width, header: colours.dim });
}

/** What cannot be read as a proposal, and what to do about each. */
export function brokenLines(broken: readonly BrokenProposal[], { colours }: Pick<View, 'colours'>): string {
  return broken
    .map(({ number, reason }) => {
      const references = `refs/proposals/${number}/meta and refs/proposals/${number}/head`;
      return `${colours.yellow('!')} #${number} cannot be read: ${oneLine(reason)}
    Others are as they were. \`switchyard proposals fetch\` brings a good copy of it; without one, restore
    ${references} from another clone or the reflog, or delete both (docs/forges/git.md).\n`;
    })
    .join('');
}

/** One proposal, so that a reviewer can decide: verdict and change first, then what stands behind them. */
export function proposalForPeople({ proposal, reviews, judgement }: ShownProposal, view: View): string {
  const { bold, dim } = view.colours;
  const { number, title, author, head, base, url, body } = proposal;
  const blocks = [
    [
      bold(`#${number} ${oneLine(title)}`),
      dim(
        [
          `by ${oneLine(author.name)}, ${age(proposal.openedAt, view.now)} ago`,
          `${head.slice(0, 10)} into ${base.replace(/^refs\/heads\//, '')}`,
          ...(proposal.labels.length > 0
            ? [proposal.labels.map((label) => oneLine(label.name)).join(', ')]
            : []),
        ].join(' · '),
      ),
      ...(url === undefined ? [] : [dim(url)]),
    ],
    indented(printable(judgement === null ? body.trim() : reasonIn(body))),
    endingOf(proposal, view),
    ...(judgement === null ? [] : judgementBlocks(judgement, view)),
    reviewLines(proposal, reviews, judgement?.verdict, view),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** Whether it may merge, and if not, what is missing and what to do. */
export function verdictLines(verdict: Verdict, { colours }: Pick<View, 'colours'>): readonly string[] {
  const { green, red, yellow, dim } = colours;
  const unmet = verdict.requirements.filter(({ met }) => !met);
  const words = {
    allowed: green('✔ may be merged'),
    refused: red(
      `✘ may not be merged: ${unmet.length} ${unmet.length === 1 ? 'thing is' : 'things are'} missing`,
    ),
    pending: yellow('… checks are running'),
  };
  const lines = [words[verdict.state]];
  if (verdict.breakGlass !== null) {
    const { label, by, unmet: passed } = verdict.breakGlass;
    lines.push(
      yellow(`! let through by ${oneLine(by)} with the label ${oneLine(label)}, in spite of ${passed} unmet`),
    );
  }
  // Each has its own line among the checks.
  const running = unmet.filter(({ code }) => code === 'CheckPending');
  if (running.length > 1) {
    lines.push(`  ${yellow('…')} ${running.length} checks that rules ask for have not ended`);
  } else for (const { message } of running) lines.push(`  ${yellow('…')} ${oneLine(message)}`);
  for (const { message, hint, rule, metAt } of unmet.filter(({ code }) => code !== 'CheckPending')) {
    lines.push(`  ${red('✘')} ${oneLine(message)} ${dim(`· ${oneLine(rule)}`)}`);
    if (metAt !== undefined) lines.push(dim(`    met by itself at ${metAt}`));
    if (hint !== undefined) lines.push(dim(`    ${oneLine(hint)}`));
  }
  const met = verdict.requirements.filter((requirement) => requirement.met);
  const passed = met.filter(({ code }) => code === 'CheckPassed');
  // One thing may meet several: what goes back needs neither a soak nor the path.
  const said = met
    .filter(({ code }) => code !== 'CheckPassed')
    .map(({ message, rule }) => `  ${green('✔')} ${oneLine(message)} ${dim(`· ${oneLine(rule)}`)}`);
  lines.push(...new Set(said));
  if (passed.length > 0) {
    const others = unmet.some(({ code }) => code.startsWith('Check')) ? 'other ' : '';
    lines.push(`  ${green('✔')} the ${others}checks that rules ask for passed`);
  }
  return lines;
}

function judgementBlocks(judgement: Judgement, view: View): (readonly string[])[] {
  const { colours } = view;
  const { red } = colours;
  const { conflicts, issues, warnings, held, plan, models, blastRadius, checks } = judgement;
  return [
    verdictLines(judgement.verdict, view),
    conflicts.length === 0
      ? []
      : [red('It conflicts with the base in:'), ...conflicts.map((path) => `  ${oneLine(path)}`)],
    issues
      .filter(({ severity }) => severity === 'error')
      .map(({ path, line, column, message }) => {
        return `${red('error')} ${oneLine(path)}:${line}:${column} ${oneLine(message)}`;
      }),
    warningLines(warnings, view),
    held === null ? [] : [red(`the platform would hold it (${held.reason}): ${oneLine(held.message)}`)],
    plan === null ? [] : [planForPeople(plan, colours).trimEnd()],
    radiusLines(blastRadius, view),
    waitLines(judgement, view),
    models.flatMap((model) => modelLines(model, view)),
    checkLines(checks, view),
  ];
}

/** How much of what answers is touched: in deployments, and in requests where they are counted. */
function radiusLines(
  { environments }: Judgement['blastRadius'],
  { colours: { dim } }: View,
): readonly string[] {
  return environments.map(({ name, touched, deployments, isDefault, traffic }) => {
    const where = `${oneLine(name)}${isDefault ? dim(' (a bare /v2 is answered here)') : ''}`;
    const much = traffic === null ? '' : `: ${oneLine(trafficWords(traffic))}`;
    const all = `${deployments} ${deployments === 1 ? 'deployment' : 'deployments'}`;
    return `${dim('Touches')} ${touched.length} of ${all} in ${where}${much}`;
  });
}

/** How long a rollout waits for the requests that it wants, where they are counted. */
function waitLines(judgement: Judgement, { colours: { dim, yellow } }: View): readonly string[] {
  return waitsOf(judgement).flatMap(({ ref, words, isTooShort }) =>
    isTooShort
      ? [`${yellow('! warning')} ${oneLine(ref)}: ${oneLine(words)}`, dim(`    ${tooShortHint}`)]
      : [`${dim('Rollout')} ${oneLine(ref)}: ${oneLine(words)}`],
  );
}

/** What does not block a proposal and somebody should know. */
function warningLines(
  warnings: Judgement['warnings'],
  { colours }: Pick<View, 'colours'>,
): readonly string[] {
  return warnings.flatMap(({ message, hint, where }) => {
    const place = where === undefined ? '' : `${oneLine(where)}: `;
    const line = `${colours.yellow('! warning')} ${place}${oneLine(message)}`;
    return hint === undefined ? [line] : [line, colours.dim(`    ${oneLine(hint)}`)];
  });
}

function modelLines(model: Judgement['models'][number], { colours, width }: View): readonly string[] {
  const { bold, dim } = colours;
  const from = model.from === null ? 'first version' : `${model.from} → ${model.to}`;
  const lines = [bold(`${model.model} ${model.from === null ? model.to : ''} ${from}`.replace(/ +/g, ' '))];
  const before = model.size.before === null ? '' : `${model.size.before} → `;
  lines.push(`  size ${before}${model.size.after} bytes`);
  if (model.signature.length === 0 && model.from !== null) lines.push(dim('  the signature is the same'));
  for (const { bump, message } of model.signature) lines.push(`  ${bump}: ${oneLine(message)}`);
  for (const { what, before: old, after } of model.lineage) {
    lines.push(`  ${oneLine(what)}: ${oneLine(old)} → ${oneLine(after)}`);
  }
  if (model.card !== 'same' && model.card !== 'none') lines.push(`  the card was ${model.card}`);
  if (model.quarantine !== null) lines.push(colours.red(`  quarantined: ${oneLine(model.quarantine)}`));
  if (model.metrics.length > 0) {
    const rows = model.metrics.map(({ name, slice, before: old, after }) => [
      `  ${oneLine(name)}`,
      measured(old),
      measured(after),
      oneLine(slice ?? ''),
    ]);
    lines.push(table(['  METRIC', 'BEFORE', 'AFTER', 'ON'], rows, { width, header: dim }).trimEnd());
  }
  return lines;
}

function measured(
  value: { readonly value: number; readonly interval: readonly [number, number] | null } | null,
): string {
  if (value === null) return '–';
  const bounds = value.interval === null ? '' : ` [${value.interval.join(', ')}]`;
  return `${value.value}${bounds}`;
}

function checkLines(checks: readonly JudgedCheck[], { colours, width }: View): readonly string[] {
  if (checks.length === 0) return [];
  const rows = checks.map(({ name, outcome, summary, durationMs }) => [
    `${outcomeMark(outcome, colours)} ${name}`,
    outcome === 'pending' ? '' : durationMs === 0 ? 'known' : `${Math.round(durationMs)} ms`,
    oneLine(summary),
  ]);
  return [table(['CHECK', 'TIME', 'SAYS'], rows, { width, header: colours.dim }).trimEnd()];
}

function outcomeMark(outcome: JudgedCheck['outcome'], { green, red, yellow, dim }: Colours): string {
  switch (outcome) {
    case 'pass':
      return green('✔');
    case 'fail':
      return red('✘');
    case 'error':
      return yellow('!');
    default:
      return dim(outcome === 'pending' ? '…' : '–');
  }
}

function reviewLines(
  proposal: Proposal,
  reviews: ShownProposal['reviews'],
  judged: Verdict | undefined,
  { colours, now }: View,
): readonly string[] {
  const { dim, green, red, yellow } = colours;
  const words = {
    approve: green('approved'),
    'request-changes': red('asked for changes'),
    comment: dim('commented'),
  };
  return reviews.flatMap(({ by, verdict, head, at, body, proof }) => {
    const stale = head === proposal.head ? '' : yellow(` (an earlier state, ${head.slice(0, 10)})`);
    const unsigned = proof.type === 'none' ? yellow(' (unsigned: does not count)') : '';
    // Anybody may write a name and sign with whatever key: what the gates took for an approval is what counts.
    const isUncounted =
      verdict === 'approve' &&
      stale === '' &&
      unsigned === '' &&
      judged !== undefined &&
      judged.state !== 'pending';
    const refused = isUncounted && !isCounted(by, judged) ? yellow(' (does not count)') : '';
    const line = `${oneLine(by.name)} ${words[verdict]} ${dim(`${age(at, now)} ago`)}${stale}${unsigned}${refused}`;
    return body.trim() === '' ? [line] : [line, ...indented(printable(body.trim()))];
  });
}

function isCounted(by: ShownProposal['reviews'][number]['by'], { approvals }: Verdict): boolean {
  return approvals.some(({ by: { name, email, account } }) => {
    return name === by.name && email === by.email && account === by.account;
  });
}

function endingOf(
  { state, closedBy, mergedAs, supersededBy }: Proposal,
  { colours }: View,
): readonly string[] {
  const { green, red } = colours;
  const who = closedBy === undefined ? '' : ` by ${oneLine(closedBy.name)}`;
  if (state === 'merged') return [green(`merged${who} as ${mergedAs?.slice(0, 10) ?? 'an unknown commit'}`)];
  if (state === 'open') return [];
  return [red(supersededBy === undefined ? `closed${who}` : `superseded by #${supersededBy}`)];
}

function stateWord(
  proposal: Proposal,
  verdict: Verdict | null,
  { green, red, yellow, dim }: Colours,
): string {
  if (proposal.state === 'merged') return dim('merged');
  if (proposal.state === 'closed') return dim(proposal.supersededBy === undefined ? 'closed' : 'superseded');
  if (verdict === null) return 'open';
  if (verdict.state === 'allowed') return green('mergeable');
  if (verdict.state === 'pending') return yellow('checking');
  const unmet = verdict.requirements.filter(({ met }) => !met).length;
  return red(`${unmet} missing`);
}

function indented(text: string): readonly string[] {
  if (text === '') return [];
  return text.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
}
