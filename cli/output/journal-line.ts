import type { JournalEntry } from '../../core/plugin.ts';
import { type Colours, oneLine } from '../terminal.ts';

/** One entry of the journal on one line. */
export function journalLine(entry: JournalEntry, colours: Colours): string {
  const { dim, cyan, bold, red } = colours;
  const issues = entry.type === 'snapshot.applied' ? Number(entry.data.issues ?? 0) : 0;
  const parts = [
    dim(localTime(entry.time)),
    cyan(oneLine(entry.type).padEnd(20)),
    ...(entry.ref ? [bold(oneLine(entry.ref))] : []),
    oneLine(entry.message),
    ...(issues > 0 ? [red(`${issues} ${issues === 1 ? 'issue' : 'issues'}`)] : []),
    ...(entry.commit ? [dim(`@ ${entry.commit.slice(0, 10)}`)] : []),
  ];
  return `${parts.join('  ')}\n`;
}

/** `2026-01-31 14:05:09` in the reader's own zone. */
export function localTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
