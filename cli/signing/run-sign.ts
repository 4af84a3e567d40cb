import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readSigningKey, type SigningKey, signStatement } from '../../libraries/model-signing/index.ts';
import type { SignOptions } from '../commands/sign.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { writeOver } from '../whole-file.ts';
import { keyUnusable } from './errors.ts';
import { filesOfModel, gitPaths, modelName, pathBelow } from './model-files.ts';

/** Signs models, each into a bundle beside it. */
export async function runSign(
  paths: readonly string[],
  options: SignOptions,
  terminal: Terminal,
): Promise<number> {
  if (paths.length > 1 && options.signature !== undefined) {
    throw usageError(
      '--signature names one file, and several models are to be signed',
      'Leave it out, or sign one after the other.',
    );
  }
  const key = await signingKey(options, terminal);
  const signed: { model: string; signature: string; files: number }[] = [];
  for (const named of paths) {
    const path = resolve(terminal.folder, named);
    const target = resolve(terminal.folder, options.signature ?? `${path}.sig`);
    const inside = pathBelow(path, target);
    const how = {
      hash: 'sha256' as const,
      allowSymlinks: options.allowSymlinks === true,
      ignoredPaths: [...gitPaths, ...(options.ignore ?? []), ...(inside === undefined ? [] : [inside])],
    };
    const files = await filesOfModel(path, how);
    await writeOver(target, signStatement({ model: modelName(path), ...how, files }, key));
    signed.push({ model: path, signature: target, files: files.length });
  }
  terminal.out(
    options.output
      ? structured(signed, options.output)
      : signed
          .map(({ model, signature, files }) => {
            const what = files === 1 ? model : `${model} (${files} files)`;
            return `Signed ${what}: ${signature}\n`;
          })
          .join(''),
  );
  return exitCodes.success;
}

async function signingKey(options: SignOptions, { folder, environment }: Terminal): Promise<SigningKey> {
  const { passwordVariable: variable } = options;
  const password = variable === undefined ? undefined : environment[variable];
  if (variable !== undefined && !password) {
    throw usageError(
      `the environment variable ${variable} is empty or not set`,
      'Put the password of the key there.',
    );
  }
  const path = resolve(folder, options.key);
  const certificates: string[] = [];
  for (const named of options.certificate ?? []) {
    certificates.push(
      await readFile(resolve(folder, named), 'utf8').catch((error) => {
        throw keyUnusable(named, 'certificate', error);
      }),
    );
  }
  try {
    const pem = await readFile(path, 'utf8');
    return readSigningKey(
      pem,
      password,
      options.certificate === undefined ? undefined : certificates.join('\n'),
    );
  } catch (error) {
    throw keyUnusable(path, 'key', error);
  }
}
