/** What was handed in: batches of predictions, and labels. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeBatch,
  type PredictionBatch,
  recordsInFile,
  type ToldLabels,
} from '../../../libraries/prediction-batch/index.ts';
import { isRunning } from '../../../libraries/running-process/index.ts';
import type { StoredLabel } from './labels.ts';

export type HandedIn =
  | { readonly type: 'predictions'; readonly batch: PredictionBatch }
  | { readonly type: 'labels'; readonly labels: readonly StoredLabel[] };

/** Labels that inference processes took and that nobody has looked at yet, in the order in which they were handed in. */
export async function toldFiles(inbox: string): Promise<readonly string[]> {
  return (await readdir(inbox)).filter((name) => name.endsWith('.told')).sort();
}

/** Throws `SyntaxError` where the file holds no labels. */
export async function readTold(inbox: string, name: string): Promise<readonly ToldLabels[]> {
  const told = JSON.parse(await readFile(join(inbox, name), 'utf8')) as readonly ToldLabels[];
  if (!Array.isArray(told)) throw new SyntaxError('it holds no list');
  return told;
}

/** The files that wait, in the order in which they were handed in. */
export async function waitingFiles(inbox: string): Promise<readonly string[]> {
  const names = await readdir(inbox);
  return names.filter((name) => /\.(batch|labels)$/.test(name)).sort();
}

/** Throws where the file is none of these. */
export async function readHandedIn(inbox: string, name: string): Promise<HandedIn> {
  const bytes = await readFile(join(inbox, name));
  if (name.endsWith('.batch')) return { type: 'predictions', batch: decodeBatch(bytes) };
  const labels = JSON.parse(bytes.toString('utf8')) as readonly StoredLabel[];
  if (!Array.isArray(labels)) throw new Error('it holds no list of labels');
  return { type: 'labels', labels };
}

/** Of predictions, of what inference processes were told, and of labels; each with its writer's id. */
const halves = [/-(\d+)-\d+\.batch\.draft$/, /-(\d+)\.told\.draft$/, /\.labels\.(\d+)\.draft$/];

/** Removes halves of files whose writers are gone. Gives how many predictions were in them. */
export async function removeHalves(inbox: string): Promise<number> {
  let lost = 0;
  for (const name of await readdir(inbox)) {
    const [, pid] = halves.map((half) => half.exec(name)).find((found) => found !== null) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(inbox, name), { force: true });
    lost += recordsInFile(name) ?? 0;
  }
  return lost;
}

/** The oldest batches, beyond so many bytes of newer ones. Labels are not among them. */
export async function batchesBeyond(inbox: string, most: number): Promise<readonly string[]> {
  const names = (await waitingFiles(inbox)).filter((name) => name.endsWith('.batch'));
  const beyond: string[] = [];
  let bytes = 0;
  for (const name of names.reverse()) {
    bytes += await stat(join(inbox, name)).then(
      ({ size }) => size,
      () => 0,
    );
    if (bytes > most) beyond.push(name);
  }
  return beyond;
}
