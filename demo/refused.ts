import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { askAll } from './answers.ts';
import { filesOfVersion, lineageOf } from './registered.ts';
import { renamed } from './registry.ts';
import { does, type Scene, tries } from './scene.ts';
import { withFirstTrees } from './smaller-model.ts';
import { story } from './story.ts';
import { tidy } from './team.ts';

const trees = 10;

/**
 * A promotion to production that policy blocks, although somebody else has approved it. Answers whether it was refused, and
 * production goes on as before.
 */
export async function refusedPromotion(scene: Scene, serving: string): Promise<boolean> {
  const { team, target, strikes, registry, signal } = scene;
  const { ada, grace } = team;
  const version = '1.2.0';
  story.chapter('Production, refused');
  const { share, before } = await writeSmallerVersion(scene, serving, version);
  story.say(
    `${ada.name} has made ${serving} smaller: ${trees} of its ${before} trees are left, ${share} of its size.`,
  );
  story.say('One proposal brings it as a version of its own and takes it to production:');
  await does(ada, ['propose', '--message', `feat(production): serve ${target.deployment} ${version}`], scene);
  await tidy(registry);
  await does(grace, ['review', '2', '--approve', '--message', 'Smaller is good.'], scene);
  story.say('');
  const { status, out } = await tries(ada, ['merge', '2'], scene);
  story.printed(unmetLines(out));
  story.say('');
  const answers = await askAll(target, strikes.slice(0, 64), signal);
  const isAsBefore = answers.every((answer) => answer.version === serving);
  const isRefused = status === 1 && out.includes('may not be merged');
  story.check(
    isRefused && isAsBefore,
    isRefused && isAsBefore
      ? `Refused, approval or not; production answers with ${serving} as before.`
      : 'It should have been refused, and production should be as it was.',
  );
  return isRefused && isAsBefore;
}

/** What is missing, as it was printed; what is met comes after it and is left out here. */
function unmetLines(printed: string): string {
  const lines = printed.trimEnd().split('\n');
  const met = lines.findIndex((line) => line.includes('✔'));
  return met < 0
    ? printed
    : [...lines.slice(0, met), `  (and ${lines.length - met} that are met)`].join('\n');
}

/**
 * Puts the smaller artifact, its manifest and the line in production into the work tree. Answers what is left of its size,
 * and how many trees it had.
 */
async function writeSmallerVersion(
  scene: Scene,
  serving: string,
  version: string,
): Promise<{ readonly share: string; readonly before: number }> {
  const { registry, target } = scene;
  const path = join(registry, 'models', target.deployment, 'artifacts', `${serving}.onnx`);
  const artifact = await readFile(path);
  const smaller = withFirstTrees(artifact, trees);
  const lineage = await lineageOf(scene, serving);
  const { parameters } = lineage;
  const own = { ...lineage, parameters: { ...parameters, trees } };
  const deployment = await renamed(registry, 'production', target.deployment, version);
  const files = {
    ...(await filesOfVersion(scene, version, smaller, own)),
    [deployment.path]: deployment.text,
  };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(registry, file)), { recursive: true });
    await writeFile(join(registry, file), content);
  }
  const share = `${Math.round((smaller.byteLength / artifact.byteLength) * 100)} %`;
  return { share, before: parameters.trees };
}
