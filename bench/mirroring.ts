/** What a shadow costs those who are answered by stable: the same load with and without it, in turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadResult, runLoad } from './load-generator.ts';
import { deploymentOf, tabular, writeVersion } from './models.ts';
import { ServingProcess } from './serving-process.ts';

export interface Mirroring {
  readonly percent: number;
  /** Whether each connection pauses between two requests, or the process is driven as fast as it goes. */
  readonly isPaced: boolean;
  /** One after the other: without and with the shadow. */
  readonly pairs: readonly { readonly without: LoadResult; readonly shadowed: LoadResult }[];
}

const connections = 32;
/** 32 connections then ask about 1,500 times a second, a small part of what the process can do. */
const pauseMs = 20;

export async function measureMirroring(
  turns: { readonly pairs: number; readonly milliseconds: number },
  progress: (text: string) => void,
): Promise<readonly Mirroring[]> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const versions = [1, 2].map((version) => writeVersion(folder, tabular, version));
  const serving = await ServingProcess.start(folder);
  try {
    let generation = 0;
    const load = async (percent: number, isPaced: boolean): Promise<LoadResult> => {
      generation++;
      const alone = deploymentOf(versions, 32, generation);
      const shadow = { version: versions[1]!.version, role: 'shadow' as const, weight: percent };
      await serving.route(percent === 0 ? alone : { ...alone, variants: [...alone.variants, shadow] });
      const data = new Array(tabular.inputs).fill(0);
      const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, tabular.inputs], data }];
      return runLoad({
        port: serving.port,
        path: '/v2/models/bench/infer',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ inputs })).toString('base64'),
        connections,
        milliseconds: turns.milliseconds,
        ...(isPaced ? { pauseMs } : {}),
      });
    };
    await load(100, false);
    const measured: Mirroring[] = [];
    for (const isPaced of [true, false]) {
      for (const percent of [10, 100]) {
        const pairs = [];
        for (let pair = 0; pair < turns.pairs; pair++) {
          // Whichever comes first has the colder machine: they take turns at that too.
          const first = await load(pair % 2 === 0 ? 0 : percent, isPaced);
          const second = await load(pair % 2 === 0 ? percent : 0, isPaced);
          pairs.push(
            pair % 2 === 0 ? { without: first, shadowed: second } : { without: second, shadowed: first },
          );
        }
        progress(`a shadow of ${percent} %, ${isPaced ? 'paced' : 'saturated'}`);
        measured.push({ percent, isPaced, pairs });
      }
    }
    return measured;
  } finally {
    await serving.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
