/** The headers that the command line gives each request. Their values may be secrets: no error here shows one. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DurationError, parseDuration } from '../../libraries/duration/index.ts';
import type { PredictOptions } from '../commands/predict.ts';
import { fileUnreadable, usageError } from '../errors.ts';
import type { Terminal } from '../terminal.ts';

/** By their names in lower case; undefined where none is given. Throws `UsageError`, `FileUnreadable`. */
export async function headersGiven(
  options: PredictOptions,
  terminal: Terminal,
): Promise<Readonly<Record<string, string>> | undefined> {
  const { priority, timeout } = options;
  const given = new Map<string, string>();
  if (priority !== undefined) given.set('switchyard-priority', priority);
  if (timeout !== undefined) given.set('switchyard-timeout', durationOf(timeout));
  for (const { line, where } of await linesOf(options.header, terminal)) {
    const [name, value] = headerOf(line, where);
    if (given.has(name))
      throw usageError(
        `${name} is given twice`,
        'Give each header once; --priority and --timeout are headers, too.',
      );
    if (name === 'idempotency-key' && options.file !== undefined)
      throw usageError(
        '--file excludes the header idempotency-key',
        'A file is many requests, and a key is of one. What was written is not asked again by --resume.',
      );
    given.set(name, value);
  }
  return given.size === 0 ? undefined : Object.fromEntries(given);
}

interface HeaderLine {
  readonly line: string;
  readonly where: string;
}

/** Each `--header`, and of a file each line that is not empty. */
async function linesOf(flags: readonly string[], terminal: Terminal): Promise<readonly HeaderLine[]> {
  const lines: HeaderLine[] = [];
  for (const [index, flag] of flags.entries()) {
    if (!flag.startsWith('@')) {
      lines.push({ line: flag, where: flags.length === 1 ? '--header' : `--header number ${index + 1}` });
      continue;
    }
    const path = resolve(terminal.folder, flag.slice(1));
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw fileUnreadable(path, error);
    });
    for (const [at, line] of text.split(/\r?\n/).entries())
      if (line.trim() !== '') lines.push({ line, where: `${flag.slice(1)}:${at + 1}` });
  }
  return lines;
}

function headerOf(line: string, where: string): readonly [string, string] {
  const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+):\s*(.*?)\s*$/s.exec(line) ?? [];
  if (name === '' || value === '')
    throw usageError(`${where} is no header`, "Write it as 'name: value'; what was given is not shown.");
  if (!/^[\t -~\u0080-\u00ff]+$/.test(value))
    throw usageError(`${where} (${name}) has a character that no header can have`, 'Its value is not shown.');
  const lower = name.toLowerCase();
  if (ours.has(lower))
    throw usageError(`${where} is ${name}, which this command says by itself`, 'Leave it out.');
  return [lower, value];
}

/** What says how a request is sent and what form it has. */
const ours = new Set([
  ...['host', 'connection', 'keep-alive', 'proxy-connection', 'upgrade', 'te', 'trailer', 'expect'],
  ...['content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'accept-encoding'],
  'inference-header-content-length',
]);

function durationOf(timeout: string): string {
  try {
    parseDuration(timeout);
    return timeout;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw usageError(`--timeout: ${error.message}`, 'Give how long a request may take: --timeout 250ms.');
  }
}
