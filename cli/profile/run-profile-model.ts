import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelTrial, modelTrial } from '../../core/capabilities/model-trial.ts';
import { EventBus } from '../../core/host/events.ts';
import { loadPlugins } from '../../core/host/load-plugins.ts';
import { PluginHost } from '../../core/host/plugin-host.ts';
import { pluginImporter } from '../../server/import-plugin.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { wholeNumberOf } from '../number-flag.ts';
import { modelProfileReport } from '../output/model-profile.ts';
import { withProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';
import { profileModel } from './model-profile.ts';
import { fileToProfile, versionToProfile } from './model-to-profile.ts';

export interface ProfileModelOptions {
  readonly file?: string;
  readonly threads?: string;
  readonly rows?: string;
  readonly for: string;
  readonly output: 'table' | 'json';
}

const command = 'profile model';
const usualRows = [1, 2, 4, 8, 16, 32, 64];

/** Measures a model, prints what was found and the settings to write, and answers the status to exit with. */
export async function runProfileModel(
  named: string | undefined,
  options: ProfileModelOptions,
  terminal: Terminal,
): Promise<number> {
  const processors = availableParallelism();
  const threads =
    listOf('--threads', options.threads, 256) ?? (processors > 1 ? [1, Math.min(processors, 2)] : [1]);
  const rows = listOf('--rows', options.rows, 4096) ?? usualRows;
  const forMs = wholeNumberOf('--for', options.for, { least: 1, most: 60_000, command }) ?? 500;
  if ((named === undefined) === (options.file === undefined))
    throw usageError(
      'exactly one of a model of the registry and --file is needed',
      `See \`switchyard help ${command}\`.`,
    );
  const model =
    options.file === undefined
      ? await versionToProfile(String(named), terminal)
      : await fileToProfile(options.file, terminal);
  let doing = `loading ${model.name}`;
  const progress = (now: string) => {
    doing = now;
  };
  const profile = await withProgress(
    terminal,
    () => doing,
    withTrials((trials) => profileModel(model, trials, { threads, rows, forMs, progress }, terminal.signal)),
  );
  const machine = { processors, model: cpus()[0]?.model.trim() ?? 'unknown' };
  if (options.output === 'json') terminal.out(`${JSON.stringify({ ...profile, machine }, undefined, 2)}\n`);
  else terminal.out(modelProfileReport(profile, machine, terminal));
  return exitCodes.success;
}

/** Several numbers, each once, in ascending order. */
function listOf(flag: string, text: string | undefined, most: number): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const numbers = text.split(',').map((one) => wholeNumberOf(flag, one, { least: 1, most, command })!);
  return [...new Set(numbers)].sort((one, other) => one - other);
}

/** Versions whose file is in the registry are read from the disk, and there is no commit here. */
function noBlob(): never {
  throw new Error('no registry is read here');
}

/** The plugins that try models, set up in a folder of their own and without a platform. */
async function withTrials<Result>(work: (trials: ModelTrial) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-profile-'));
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const host = new PluginHost({
    log: quiet,
    events: new EventBus(quiet),
    folder,
    runs: () => true,
    settings: () => ({}),
    wake: () => {},
    readBlob: noBlob,
  });
  try {
    const importPlugin = pluginImporter({ folder, settings: {} });
    await host.setUp(await loadPlugins([{ name: 'artifacts' }, { name: 'serving' }], importPlugin));
    const providers = host.providers.providersOf(modelTrial);
    return await work(providers.get('onnxruntime'));
  } finally {
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
