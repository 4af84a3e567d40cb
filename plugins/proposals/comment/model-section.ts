import { formatByteSize } from '../../../libraries/byte-size/index.ts';
import type { Measured, MetricDiff, ModelDiff } from '../judging/model-diff.ts';
import { counted, difference, figure } from './figures.ts';
import { code, text } from './markdown.ts';

/** How the version that comes differs from the one that goes. */
export function modelSection(diff: ModelDiff): readonly string[] {
  const { model, from, to, signature, size, lineage, card, metrics, quarantine, deployments } = diff;
  const heading =
    from === null ? `### ${text(model)} ${text(to)}` : `### ${text(model)} ${text(from)} → ${text(to)}`;
  const lines = [heading, ''];
  if (from === null) lines.push('There is no earlier version to compare with.', '');
  if (quarantine !== null)
    lines.push(`> [!CAUTION]`, `> ${text(to)} is quarantined: ${text(quarantine)}`, '');
  if (deployments.length > 0)
    lines.push(
      `- For ${deployments
        .slice(0, 10)
        .map((ref) => code(ref))
        .join(', ')}`,
    );
  if (from !== null) lines.push(`- Signature: ${signatureWords(signature)}`);
  lines.push(`- Size: ${sizeWords(size)}`);
  if (from !== null || lineage.length > 0) lines.push(`- Made from: ${lineageWords(lineage)}`);
  if (card !== 'none') lines.push(`- Model card: ${card === 'same' ? 'unchanged' : card}`);
  if (metrics.length > 0) lines.push('', ...metricTable(metrics));
  return lines;
}

function signatureWords(changes: ModelDiff['signature']): string {
  if (changes.length === 0) return 'the same; callers notice nothing';
  const breaking = changes.filter(({ bump }) => bump === 'major');
  const words = changes.slice(0, 10).map(({ message }) => text(message));
  const kind = breaking.length > 0 ? `**${counted(breaking.length, 'breaking change')}**` : 'additions only';
  return `${kind}: ${words.join('; ')}`;
}

function sizeWords({ before, after }: ModelDiff['size']): string {
  if (before === null) return formatByteSize(after);
  const percent = Math.round((100 * (after - before)) / before);
  return `${formatByteSize(before)} → ${formatByteSize(after)} (${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %)`;
}

function lineageWords(rows: ModelDiff['lineage']): string {
  if (rows.length === 0) return 'the same';
  const shown = rows
    .slice(0, 12)
    .map(({ what, before, after }) => `${text(what, 60)} ${code(before, 80)} → ${code(after, 80)}`);
  return shown.join('; ') + (rows.length > 12 ? `; and ${rows.length - 12} more` : '');
}

function metricTable(metrics: readonly MetricDiff[]): readonly string[] {
  const rows = metrics.slice(0, maxRows).map(({ name, dataset, slice, before, after }) => {
    const on = [dataset, slice].flatMap((part) => (part === null ? [] : [text(part, 80)])).join(', ');
    const by = before !== null && after !== null ? difference(before.value, after.value) : '';
    return `| ${text(name, 80)} | ${on} | ${measured(before)} | ${measured(after)} | ${by} |`;
  });
  return [
    '| metric | on | before | after | |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    ...(metrics.length > maxRows ? [`| … ${metrics.length - maxRows} more | | | | |`] : []),
    '',
    'Values as the manifests declare them; in brackets the 95 % interval.',
  ];
}

const maxRows = 24;

function measured(one: Measured | null): string {
  if (one === null) return '–';
  const { value, interval } = one;
  return interval === null
    ? figure(value)
    : `${figure(value)} [${figure(interval[0])}, ${figure(interval[1])}]`;
}
