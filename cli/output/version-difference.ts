import { type Colours, oneLine } from '../terminal.ts';
import type { VersionDifference } from '../time-travel/run-diff.ts';
import { table } from './table.ts';

/** How two versions differ, section by section; what is the same is said in a word. */
export function differenceForPeople(
  difference: VersionDifference,
  { colours, width }: { readonly colours: Colours; readonly width: number },
): string {
  const { bold, dim, red, green } = colours;
  const { model, from, to, signature, metrics, lineage, artifact, inside, card } = difference;
  const lines = [bold(`${model} ${from} → ${to}`), ''];

  lines.push(signature.length === 0 ? 'Signature: the same' : 'Signature:');
  for (const { bump, message } of signature)
    lines.push(`  ${bump === 'major' ? red(bump) : green(bump)}  ${oneLine(message)}`);

  if (artifact !== null) {
    const { operators, opsets, weights, bytes } = artifact;
    lines.push(operators.length === 0 ? 'Operators: the same' : 'Operators:');
    for (const { operator, before, after } of operators)
      lines.push(`  ${oneLine(operator)}  ${before} → ${after}`);
    for (const { domain, before, after } of opsets)
      lines.push(`  operator set ${oneLine(domain)}  ${before ?? 'none'} → ${after ?? 'none'}`);
    lines.push(
      `Weights: ${weights.same} the same, ${weights.changed.length} changed, ${weights.added.length} new, ${weights.removed.length} gone`,
    );
    for (const { name, shape, distance } of weights.changed.slice(0, 20)) {
      const far = distance === null ? '' : `  by ${(distance * 100).toPrecision(3)} % (L2)`;
      lines.push(`  ${oneLine(name)} [${shape.join(', ')}]${far}`);
    }
    if (weights.changed.length > 20) lines.push(dim(`  and ${weights.changed.length - 20} more`));
    lines.push(`Size: ${bytes.before} → ${bytes.after} bytes`);
  }
  if (inside !== null) lines.push(dim(`Inside: ${oneLine(inside)}`));

  lines.push(lineage.length === 0 ? 'Lineage: the same' : 'Lineage:');
  for (const { what, before, after } of lineage)
    lines.push(`  ${oneLine(what)}: ${shown(before)} → ${shown(after)}`);

  lines.push(...cardLines(card, colours));

  if (metrics.length > 0) {
    const value = (metric: (typeof metrics)[number]['before']) =>
      metric === null ? '–' : `${metric.value}${metric.interval ? ` [${metric.interval.join(', ')}]` : ''}`;
    const rows = metrics.map(({ name, on, before, after }) => [
      oneLine(name),
      value(before),
      value(after),
      oneLine(on),
    ]);
    lines.push('', table(['METRIC', from, to, 'ON'], rows, { width, header: dim }).trimEnd());
  }
  return `${lines.join('\n')}\n`;
}

/** Longest line of a card that is shown whole. */
const widest = 160;
const mostLines = 40;

function cardLines(card: VersionDifference['card'], { dim, red, green }: Colours): readonly string[] {
  if (card === null) return ['Model card: the same'];
  const lines = card.fields.map(
    ({ what, before, after }) => `  ${oneLine(what)}: ${shown(before)} → ${shown(after)}`,
  );
  let section: string | null | undefined;
  for (const { section: heading, removed, added } of card.text) {
    if (heading !== section)
      lines.push(`  ${dim(heading === null ? '(at the top)' : `# ${oneLine(heading)}`)}`);
    section = heading;
    for (const line of removed) lines.push(red(`  - ${cut(line)}`));
    for (const line of added) lines.push(green(`  + ${cut(line)}`));
  }
  const more = lines.length - mostLines;
  return [
    'Model card:',
    ...lines.slice(0, mostLines),
    ...(more > 0 ? [dim(`  and ${more} more lines`)] : []),
  ];
}

function cut(line: string): string {
  const text = oneLine(line);
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
}

function shown(value: unknown): string {
  return value === null || value === undefined
    ? '(none)'
    : oneLine(typeof value === 'string' ? value : JSON.stringify(value));
}
