import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runSwitchyard } from './platform.ts';
import type { Scene } from './scene.ts';

export type Lineage = Readonly<Record<string, unknown>> & { readonly parameters: { readonly trees: number } };

/** The files of a version, by path, as `register` would propose them by itself: in the demo it comes with its promotion. */
export async function filesOfVersion(
  { registry, target, team }: Scene,
  version: string,
  artifact: Uint8Array,
  lineage: Lineage,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const file = join(registry, '..', `${version}.onnx`);
  const run = join(registry, '..', `${version}.json`);
  await writeFile(file, artifact);
  await writeFile(run, JSON.stringify({ lineage }));
  const what = ['register', target.deployment, file, '--as', version, '--describe', run];
  const registered = await runSwitchyard([...what, '--dry-run', '--output', 'json'], {
    folder: registry,
    environment: team.ada.environment,
  });
  const { files } = JSON.parse(registered) as { files: readonly { path: string; content: string }[] };
  return Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content, 'base64')]));
}

/** What a version's manifest says of where it comes from. */
export async function lineageOf({ registry, target }: Scene, version: string): Promise<Lineage> {
  const file = join(registry, 'models', target.deployment, 'versions', `${version}.yaml`);
  const { spec } = parse(await readFile(file, 'utf8')) as { spec: { lineage: Lineage } };
  return spec.lineage;
}
