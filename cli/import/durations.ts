import { formatDuration } from '../../libraries/duration/index.ts';

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a duration as Go writes them (`1h30m`, `1.5h`, `90s`); undefined for anything else. */
export function goDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^\+?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$/.test(text)) {
    return undefined;
  }
  let milliseconds = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    milliseconds += Number(amount) * (units[unit ?? ''] ?? Number.NaN);
  }
  return milliseconds;
}

/** The same in our words; whether anything was rounded. */
export function ourDuration(milliseconds: number): { readonly text: string; readonly isExact: boolean } {
  return { text: formatDuration(milliseconds), isExact: Number.isInteger(milliseconds) };
}
