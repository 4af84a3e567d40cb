import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  holdsPrivateKey,
  ModelSigningError,
  type SignedFile,
  type Trust,
  type TrustedText,
  verifyBundle,
  whyUnusable,
} from '../../libraries/model-signing/index.ts';
import type { VerifyOptions } from '../commands/sign.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { structured } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { keyUnusable, modelUnreadable, privateKeyGiven, signatureUnreadable } from './errors.ts';
import { filesOfModel, gitPaths } from './model-files.ts';
import { signatureHints } from './signature-hints.ts';

interface Judged {
  readonly model: string;
  readonly signature: string;
  readonly verified: boolean;
  readonly signer?: string;
  readonly problems: readonly string[];
  /** What to do, where more is to be done than to look at the files that are named. */
  readonly hint?: string;
}

/** Verifies that models are what somebody trusted signed. */
export async function runVerify(
  paths: readonly string[],
  options: VerifyOptions,
  terminal: Terminal,
): Promise<number> {
  if (paths.length > 1 && options.signature !== undefined)
    throw usageError(
      '--signature names one file, and several models are to be verified',
      'Verify one after the other.',
    );
  const trust = await trustOf(options, terminal.folder);
  const judged: Judged[] = [];
  for (const named of paths) {
    const signature = options.signature ?? `${resolve(terminal.folder, named)}.sig`;
    judged.push(await judge(named, signature, options, trust, terminal.folder));
  }
  terminal.out(options.output ? structured(judged, options.output) : judged.map(line).join(''));
  return judged.every(({ verified }) => verified) ? exitCodes.success : exitCodes.problems;
}

function line({ model, signer, problems, hint }: Judged): string {
  if (problems.length === 0) return `${model}: signed by ${oneLine(signer ?? '')}\n`;
  return `${model}: not verified\n${[...problems, hint ?? []]
    .flat()
    .map((told) => `  ${oneLine(told)}\n`)
    .join('')}`;
}

async function judge(
  named: string,
  signature: string,
  options: VerifyOptions,
  trust: Trust,
  folder: string,
): Promise<Judged> {
  const about = { model: named, signature };
  const text = await readFile(resolve(folder, signature), 'utf8').catch(async (error) => {
    const isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT';
    if (isThere || options.signature !== undefined) throw signatureUnreadable(signature, error);
    await stat(resolve(folder, named)).catch((cause) => {
      throw modelUnreadable(named, cause);
    });
    return undefined;
  });
  if (text === undefined) {
    const problems = [`ModelUnsigned: it is not signed: there is no ${signature}`];
    return { ...about, verified: false, problems, hint: signatureHints.ModelUnsigned };
  }
  try {
    const { statement, signer } = verifyBundle(text, trust);
    const ignoredPaths = [...gitPaths, ...statement.ignoredPaths, ...(options.ignore ?? [])];
    const found = await filesOfModel(resolve(folder, named), { ...statement, ignoredPaths });
    const problems = differences(statement.files, found, options.ignoreUnsigned === true);
    return { ...about, verified: problems.length === 0, signer, problems };
  } catch (error) {
    if (!(error instanceof ModelSigningError)) throw error;
    return {
      ...about,
      verified: false,
      problems: [`${error.problem}: ${error.message}`],
      hint: signatureHints[error.problem],
    };
  }
}

function differences(
  signed: readonly SignedFile[],
  found: readonly SignedFile[],
  ignoreUnsigned: boolean,
): readonly string[] {
  const [before, now] = [mapOf(signed), mapOf(found)];
  const problems: string[] = [];
  for (const [name, digest] of before) {
    const other = now.get(name);
    if (name === '.' && other !== digest) problems.push('the file is not what was signed');
    else if (other === undefined) problems.push(`${name} was signed, and is not there`);
    else if (other !== digest) problems.push(`${name} is not what was signed`);
  }
  for (const name of now.keys()) {
    if (!before.has(name) && !ignoreUnsigned) problems.push(`${name} was not signed`);
  }
  return problems;
}

function mapOf(files: readonly SignedFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ name, digest }) => [name, digest]));
}

async function trustOf(
  { publicKey = [], authority = [], signer = [] }: VerifyOptions,
  folder: string,
): Promise<Trust> {
  if (publicKey.length + authority.length === 0)
    throw usageError(
      'nobody is trusted',
      'Name whose signatures count: --public-key FILE or --authority FILE.',
    );
  const read = (named: string, what: string) =>
    readFile(resolve(folder, named), 'utf8').catch((error) => {
      throw keyUnusable(named, what, error);
    });
  const keys: { name: string; publicKey: string }[] = [];
  for (const named of publicKey) {
    const pem = await read(named, 'public key');
    demandUsable(named, 'public key', { publicKey: pem });
    keys.push({ name: basename(named), publicKey: pem });
  }
  const authorities: { certificate: string; signers?: readonly string[] }[] = [];
  for (const named of authority) {
    const certificate = await read(named, 'authority');
    demandUsable(named, 'authority', { certificate });
    authorities.push({ certificate, ...(signer.length === 0 ? {} : { signers: signer }) });
  }
  return { keys, authorities };
}

function demandUsable(named: string, what: string, trusted: TrustedText): void {
  if (holdsPrivateKey(trusted)) throw privateKeyGiven(named, what);
  const reason = whyUnusable(trusted);
  if (reason !== undefined) throw keyUnusable(named, what, new Error(reason));
}
