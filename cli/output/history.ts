import type { FoundPrediction } from '../../core/capabilities/prediction-sink.ts';
import { type Colours, oneLine } from '../terminal.ts';
import type { BlamedField } from '../time-travel/field-blame.ts';
import type { HistoryEntry, ModelChange } from '../time-travel/model-history.ts';
import type { Provenance } from '../time-travel/provenance.ts';
import type { Why } from '../time-travel/run-why.ts';
import type { ServedAt, ServedDeployment } from '../time-travel/served-at.ts';
import type { GraphRow } from '../time-travel/version-graph.ts';
import { table } from './table.ts';

interface View {
  readonly colours: Colours;
  readonly width: number;
}

/** What happened to a model, newest first. */
export function historyForPeople(entries: readonly HistoryEntry[], { colours }: View): string {
  const { bold, dim } = colours;
  const blocks = entries.map((entry) => {
    const lines = [`${dim(minute(entry.time))}  ${bold(oneLine(entry.subject))}`];
    for (const change of entry.changes) lines.push(`    ${changeWords(change, colours)}`);
    lines.push(dim(`    ${allowedBy(entry)}`));
    return lines.join('\n');
  });
  return `${blocks.join('\n')}\n`;
}

/** What was serving at a moment. */
export function servedForPeople(
  { time, commit, source, deployments }: ServedAt,
  { colours, width }: View,
): string {
  const { dim, bold } = colours;
  if (commit === null) return `Before the first commit: nothing was declared at ${time}.\n`;
  const how =
    source === 'journal'
      ? 'by the platform’s journal'
      : `as the base branch declared it; ${isSwitchKnown(deployments) ? 'when traffic moved is by the platform’s journal' : 'no journal tells of it'}`;
  const rows = deployments.map(({ environment, name, model, version, facts, since, switchedAt }) => [
    `${environment}/${name}`,
    bold(`${model} ${version}`),
    facts === null ? '–' : facts.artifact.digest.slice(0, 'sha256:'.length + 10),
    switchedAt === null ? minute(since?.time) : minute(switchedAt),
    since === null ? '–' : proposalWords(since),
  ]);
  const head = `${dim(`${time}, commit ${commit.slice(0, 10)}, ${how}`)}\n`;
  if (rows.length === 0) return `${head}Nothing was deployed.\n`;
  return head + table(['DEPLOYMENT', 'VERSION', 'ARTIFACT', 'SINCE', 'BY'], rows, { width, header: dim });
}

/** All that stands behind an answer. */
export function whyForPeople(
  { prediction, logged, time, commit, source, answers }: Why,
  { colours }: View,
): string {
  const { bold, dim } = colours;
  const lines: string[] = [];
  if (prediction !== null) lines.push(`Prediction ${prediction} was made at ${time}.`);
  lines.push(...logged.map(loggedLine));
  if (answers.length > 1) lines.push(dim('These answered then; --env and --model narrow it down.'));
  lines.push(
    dim(
      `Commit ${commit?.slice(0, 10) ?? 'none'}, ${source === 'journal' ? 'by the platform’s journal' : isSwitchKnown(answers) ? 'by Git; when traffic moved is by the platform’s journal' : 'by Git alone'}.`,
    ),
  );
  for (const answer of answers) lines.push('', ...answerLines(answer, bold, dim));
  if (answers.some(({ since }) => (since?.approvedBy.length ?? 0) > 0 || since?.breakGlass)) {
    lines.push(
      '',
      dim(
        'Who approved is the word of the merge commit. Admission refuses a commit that says it wrongly (docs/admission.md).',
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The journal may tell of a switch where no commit that it names is in this clone. */
const isSwitchKnown = (deployments: readonly ServedDeployment[]): boolean =>
  deployments.some(({ switchedAt }) => switchedAt !== null);

function loggedLine(one: FoundPrediction): string {
  const { environment, deployment, model, version, variant, time, latencyMs, trace, rows, labels } = one;
  const verb = variant === 'shadow' ? 'shadowed it with' : 'answered with';
  const more = [
    `${Number(latencyMs.toPrecision(3))} ms`,
    ...(rows === 1 ? [] : [`${rows} rows`]),
    ...(labels === 0 ? [] : [labels === 1 ? '1 label' : `${labels} labels`]),
    ...(trace === null ? [] : [`trace ${oneLine(trace)}`]),
  ];
  const what = `${oneLine(environment)}/${oneLine(deployment)} ${verb} ${oneLine(model)} ${oneLine(version)}`;
  return `Logged: ${what} (${oneLine(variant)}) at ${time}: ${more.join(', ')}.`;
}

function answerLines(
  {
    environment,
    name,
    model,
    version,
    facts,
    since,
    registered,
    switchedAt,
  }: ServedDeployment & { readonly registered: Provenance | null },
  bold: (text: string) => string,
  dim: (text: string) => string,
): readonly string[] {
  const lines = [bold(`${environment}/${name}: ${model} ${version}`)];
  const say = (title: string, text: string | undefined | null) => {
    if (text) lines.push(`  ${dim(title.padEnd(12))} ${text}`);
  };
  say(
    'artifact',
    facts === null ? 'not in this commit' : `${facts.artifact.digest} (${facts.artifact.size} bytes)`,
  );
  const { dataset, code, seed, parameters } = facts?.lineage ?? {};
  say(
    'data',
    dataset && `${dataset.name}@${dataset.version}${facts?.dataDigest ? `  ${facts.dataDigest}` : ''}`,
  );
  say(
    'code',
    code &&
      [code.repository, code.path, code.commit, code.digest]
        .filter(Boolean)
        .map((part) => oneLine(String(part)))
        .join('  '),
  );
  say(
    'run',
    parameters && oneLine(JSON.stringify({ ...parameters, ...(seed === undefined ? {} : { seed }) })),
  );
  say('came from', facts?.parents.join(', '));
  say('registered', registered && `${minute(registered.time)}  ${allowedBy(registered)}`);
  say('deployed', since && `${minute(switchedAt ?? since.time)}  ${allowedBy(since)}`);
  say('commit', since?.commit);
  say('proposed by', since?.proposal == null ? undefined : oneLine(since.author));
  for (const approver of since?.approvedBy ?? []) say('approved by', oneLine(approver));
  say('merged by', since?.mergedBy && oneLine(since.mergedBy));
  say('checks', since?.checks.map(oneLine).join(', '));
  say('break-glass', since?.breakGlass && oneLine(since.breakGlass));
  say('quarantined', facts?.quarantine && oneLine(facts.quarantine));
  return lines;
}

/** Who gave each field its value. */
export function blameForPeople(
  { path, fields }: { readonly path: string; readonly fields: readonly BlamedField[] },
  { colours, width }: View,
): string {
  const rows = fields.map(({ pointer, value, since }) => [
    pointer.slice('/spec/'.length),
    oneLine(typeof value === 'string' ? value : JSON.stringify(value)),
    minute(since.time),
    allowedBy(since),
  ]);
  return `${colours.dim(path)}\n${table(['FIELD', 'VALUE', 'SINCE', 'BY'], rows, { width, header: colours.dim })}`;
}

/** The graph of a model's versions. */
export function linesForPeople(rows: readonly GraphRow[], { colours }: View): string {
  const { yellow, green, red, dim } = colours;
  const columns = Math.max(...rows.map(({ graph }) => graph.length));
  return rows
    .map(({ graph, version }) => {
      if (version === undefined) return `${graph.trimEnd()}\n`;
      const notes = [
        dim(version.line),
        ...(version.deployedIn.length > 0 ? [green(version.deployedIn.join(', '))] : []),
        ...(version.quarantined ? [red('quarantined')] : []),
      ];
      return `${graph.padEnd(columns)}  ${yellow(version.version)}  ${notes.join('  ')}\n`;
    })
    .join('');
}

function changeWords(change: ModelChange, { green, red, yellow }: Colours): string {
  switch (change.type) {
    case 'deployed':
      return `${change.environment}/${change.deployment} ${change.from === null ? '' : `${change.from} → `}${green(change.to)}`;
    case 'undeployed':
      return `${change.environment}/${change.deployment} ${red(`${change.from} was taken away`)}`;
    case 'configured':
      return `${change.environment}/${change.deployment} was configured`;
    case 'registered':
      return `${green(change.version)} was registered`;
    case 'quarantined':
      return `${yellow(change.version)} was quarantined: ${oneLine(change.reason)}`;
    case 'released':
      return `${change.version} was let out of quarantine`;
    default:
      return `${oneLine(change.what)} was ${change.type === 'removed' ? 'removed' : 'changed'}`;
  }
}

/** `#7 by Ada, approved by Grace, merged by Linus` or `3f78685a1b by Ada, without a proposal`. */
function allowedBy(provenance: Provenance): string {
  const { approvedBy, mergedBy, breakGlass, proposal } = provenance;
  const parts = [proposalWords(provenance)];
  if (approvedBy.length > 0) parts.push(`approved by ${approvedBy.map(nameOnly).join(', ')}`);
  else if (proposal !== null) parts.push('approved by nobody');
  if (mergedBy !== null) parts.push(`merged by ${nameOnly(mergedBy)}`);
  if (breakGlass !== null) parts.push(`break-glass: ${oneLine(breakGlass)}`);
  return parts.join(', ');
}

function proposalWords({ proposal, author, commit }: Provenance): string {
  const by = `by ${nameOnly(author)}`;
  return proposal === null ? `${commit.slice(0, 10)} ${by}, without a proposal` : `#${proposal} ${by}`;
}

function nameOnly(person: string): string {
  return oneLine(person.replace(/ <[^>]*>$/, ''));
}

function minute(time: string | undefined): string {
  return time === undefined ? '–' : `${time.slice(0, 10)} ${time.slice(11, 16)}Z`;
}
