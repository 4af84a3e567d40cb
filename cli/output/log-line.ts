import { type Colours, oneLine } from '../terminal.ts';

const hidden = new Set(['level', 'time', 'name', 'msg', 'pid', 'hostname']);

/** A JSON log line, made readable: time, level, who, what happened, and the facts. Any other line stays as it is. */
export function readableLogLine(line: string, colours: Colours): string {
  const fields = parse(line);
  if (fields === undefined) return line;
  const { dim, bold } = colours;
  const facts = Object.entries(fields)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${dim(`${key}=`)}${shown(value)}`);
  const time = typeof fields.time === 'string' ? new Date(fields.time).toTimeString().slice(0, 8) : '';
  return [
    dim(time),
    level(String(fields.level), colours),
    ...(fields.name === undefined ? [] : [dim(oneLine(String(fields.name)))]),
    bold(oneLine(String(fields.msg))),
    ...facts,
  ].join(' ');
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    return typeof value.msg === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function level(name: string, colours: Colours): string {
  const paint = { error: colours.red, fatal: colours.red, warn: colours.yellow, debug: colours.dim }[name];
  const word = name.padEnd(5);
  return paint ? paint(word) : colours.cyan(word);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const clean = oneLine(text ?? '');
  return /\s/.test(clean) && typeof value === 'string' ? JSON.stringify(clean) : clean;
}
