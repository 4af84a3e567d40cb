import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { grpcServerNotFound, serverNotFound } from '../client/errors.ts';
import { serverAddress } from '../client/server-address.ts';
import type { ConformanceOptions } from '../commands/conformance.ts';
import { fileUnreadable, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { conformanceReport } from '../output/conformance.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { allCases } from './cases/index.ts';
import { isObject } from './expectations.ts';
import type { GrpcClient } from './grpc-client.ts';
import { type Case, countOutcomes, type Report, runCases, type Subject } from './kit.ts';
import { NoAnswer, RestClient } from './rest-client.ts';
import { selectedCases } from './selected-cases.ts';
import { nameOf, openSubject } from './subject.ts';
import { sumFixture } from './sum-fixture.ts';

/** Asks a server all cases and prints the report. Status 1 where one failed, or none was asked. */
export async function runConformance(
  url: string,
  options: ConformanceOptions,
  terminal: Terminal,
): Promise<number> {
  const cases = selectedCases(options);
  const requireAll = options.requireAll === true;
  const rest = new RestClient({
    server: serverOf(url),
    headers: headersOf(options.header),
    timeoutMs: secondsOf(options.timeout) * 1000,
    signal: terminal.signal,
  });
  const grpc = options.grpc === undefined ? undefined : await grpcClient(options.grpc, options.timeout);
  try {
    const report = await ask(
      url,
      cases,
      options,
      { rest, ...(grpc === undefined ? {} : { grpc }) },
      terminal,
    );
    terminal.out(
      options.output === undefined
        ? conformanceReport(report, { ...terminal, all: options.all === true, requireAll })
        : structured(report, options.output),
    );
    return isGood(report, requireAll) ? exitCodes.success : exitCodes.problems;
  } finally {
    grpc?.close();
  }
}

/** A report without a question is none: whoever runs this unattended must not take it for praise. */
function isGood({ counts, results }: Report, requireAll: boolean): boolean {
  return counts.fail === 0 && counts.skip < (requireAll ? 1 : results.length);
}

async function ask(
  url: string,
  cases: readonly Case[],
  options: ConformanceOptions,
  clients: Pick<Subject, 'rest' | 'grpc'>,
  terminal: Terminal,
): Promise<Report> {
  const { rest, grpc } = clients;
  const request = options.request === undefined ? undefined : await readRequest(options.request, terminal);
  const { name, version } = await nameOf(rest).catch((error: unknown) => {
    if (terminal.signal.aborted) throw error;
    throw serverNotFound(serverOf(url), error);
  });
  if (options.grpc !== undefined && cases.some(({ group }) => group === 'grpc'))
    await grpc?.connect().catch((error: unknown) => {
      throw grpcServerNotFound(options.grpc!, error);
    });
  const { model } = options;
  const subject = await openSubject({
    ...clients,
    ...(model === undefined ? {} : { model }),
    ...(request === undefined ? {} : { request }),
  }).catch((error: unknown) => {
    if (terminal.signal.aborted) throw error;
    if (error instanceof NoAnswer) throw serverNotFound(url, error);
    throw usageError(
      `the model '${model ?? sumFixture}' cannot be asked: ${messageOf(error)}`,
      'Name one that the server has, and give a request that it answers with --request.',
    );
  });
  let doing = '';
  const results = await withProgress(
    terminal,
    () => doing,
    runCases(cases, subject, terminal.signal, ({ id }) => {
      doing = id;
    }),
  );
  return {
    server: url,
    serverName: name,
    serverVersion: version,
    results,
    counts: countOutcomes(results),
  };
}

/** Loaded where it is asked for alone. */
async function grpcClient(address: string, timeout: string): Promise<GrpcClient> {
  if (!/^(\[[0-9a-f:]+\]|[^\s:/]+):\d{1,5}$/i.test(address))
    throw usageError(`'${address}' is no address of gRPC`, 'Give host and port: 127.0.0.1:9000.');
  const { openGrpcClient } = await import('./grpc-client.ts');
  return openGrpcClient(address, secondsOf(timeout) * 1000);
}

/** Prints what is asked, without a server. */
export function listCases(terminal: Terminal): number {
  for (const { id, title } of allCases) terminal.out(`${id.padEnd(30)} ${title}\n`);
  return exitCodes.success;
}

function serverOf(url: string): string {
  const parsed = new URL(serverAddress(url, 'the server under test'));
  const path = parsed.pathname.replace(/\/+$/, '').replace(/\/v2$/, '');
  return `${parsed.origin}${path}`;
}

function headersOf(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf(':');
      if (at < 1) throw usageError(`'${text}' is no header`, 'Write it as NAME: VALUE.');
      return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()];
    }),
  );
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0 && seconds <= 600) return seconds;
  throw usageError(`--timeout is '${text}'`, 'Give seconds, more than 0 and at most 600.');
}

async function readRequest(path: string, { folder }: Terminal): Promise<Readonly<Record<string, unknown>>> {
  const place = resolve(folder, path);
  let text: string;
  try {
    text = await readFile(place, 'utf8');
  } catch (error) {
    throw fileUnreadable(path, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError(`${path} is not JSON: ${messageOf(error)}`, 'Give an Open Inference request.');
  }
  if (isObject(value) && Array.isArray(value.inputs)) return value;
  throw usageError(`${path} is no Open Inference request: it has no "inputs"`, 'See docs/inference.md.');
}
