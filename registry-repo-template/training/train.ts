/**
 * Trains the versions that `recipes.ts` describes.
 *
 *   npm run train             trains each version that has no manifest yet: writes its artifact and its manifest
 *   npm run train -- verify   trains every version again and fails unless the artifacts come out as published
 *
 * No clock and no chance is in it: the same data and recipe give the same file, byte for byte.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBetween, isHeldOut, readStrikes } from './bird-strikes.ts';
import { type Classifier, fitClassifier } from './classifier.ts';
import { exportOnnx } from './export.ts';
import { versionManifest } from './manifest.ts';
import { measure } from './metrics.ts';
import { type Recipe, recipes } from './recipes.ts';

const root = join(import.meta.dirname, '..');
const model = join(root, 'models/bird-strike');
const strikes = readStrikes(join(root, 'data/bird-strikes.csv'));
const isVerifying = process.argv[2] === 'verify';

for (const recipe of recipes) {
  const manifestFile = join(model, `versions/${recipe.version}.yaml`);
  const artifactFile = join(model, `artifacts/${recipe.version}.onnx`);
  const isPublished = existsSync(manifestFile);
  if (isPublished && !isVerifying) {
    console.log(`${recipe.version}: has a manifest, left as it is`);
    continue;
  }
  const classifier = fit(recipe);
  const artifact = exportOnnx(classifier);
  const digest = digestOf(artifact);
  if (isVerifying) {
    verify(recipe, digest, isPublished ? readFileSync(manifestFile, 'utf8') : '');
    continue;
  }
  const parent = recipes.find((other) => other.version === recipe.parent);
  const metrics = measure(recipe, classifier, strikes, parent && fit(parent));
  mkdirSync(join(model, 'artifacts'), { recursive: true });
  mkdirSync(join(model, 'versions'), { recursive: true });
  writeFileSync(artifactFile, artifact);
  writeFileSync(
    manifestFile,
    versionManifest({
      recipe,
      classifier,
      strikes,
      metrics,
      artifact: { digest, size: artifact.length },
      code: { path: 'training', digest: codeDigest() },
    }),
  );
  console.log(`${recipe.version}: ${digest}, ${artifact.length} bytes`);
  for (const { name, slice, value, interval } of metrics) {
    const range = interval ? ` [${interval.map((bound) => bound.toFixed(3)).join(', ')}]` : '';
    console.log(`  ${name}, ${slice}: ${value.toFixed(3)}${range}`);
  }
}

function fit(recipe: Recipe): Classifier {
  const rows = strikes.filter((strike) => isBetween(strike, recipe.years) && !isHeldOut(strike));
  return fitClassifier(rows, recipe.parameters);
}

function verify({ version }: Recipe, digest: string, manifest: string): void {
  const isSame = manifest.includes(`digest: ${digest}`);
  console.log(`${version}: ${isSame ? 'comes out as published' : 'differs from its manifest'}, ${digest}`);
  if (!isSame) process.exitCode = 1;
}

/** The scripts of this folder: names and contents, in the order of the names. */
function codeDigest(): string {
  const hash = createHash('sha256');
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts'));
  for (const file of files.sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(import.meta.dirname, file)));
  }
  return `sha256:${hash.digest('hex')}`;
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
