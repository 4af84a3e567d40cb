import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const deployment = 'environments/production/bird-strike.yaml';

/**
 * The template's walk into production and what it is judged by, with seconds where the template has minutes, and so with
 * all requests mirrored and fewer samples asked for. Steps and conditions stay as they are. By path.
 */
export async function quickWalk(registry: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(join(registry, 'analyses'))).map((name) => `analyses/${name}`);
  const texts = await Promise.all(
    [deployment, ...names].map(async (path) => [path, await readFile(join(registry, path), 'utf8')] as const),
  );
  return Object.fromEntries(
    texts.map(([path, text]) => [
      path,
      text
        .replaceAll(/^( +(?:interval|initialDelay): )\d+m$/gm, '$11s')
        .replaceAll(/^( +minSamples: )\d+$/gm, '$1100')
        .replaceAll(/percent: \d+/g, 'percent: 100')
        .replaceAll(/duration: \d+m/g, 'duration: 2s'),
    ]),
  );
}

/** The lines of the strategy in a deployment's manifest. */
export async function strategyLines(registry: string): Promise<readonly string[]> {
  const text = await readFile(join(registry, deployment), 'utf8');
  return /^ {2}strategy:\n((?: {4}.*\n)+)/m.exec(text)?.[1]?.trimEnd().split('\n') ?? [];
}
