import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileNotWritable, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { fixtureModels } from './fixture-models.ts';
import { fixtureRegistry, type RegistryFile } from './fixture-registry.ts';

/** Writes the fixture models as a model repository, or into a registry of Switchyard's where an environment is named. */
export async function writeFixtures(
  folder: string,
  environment: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const place = resolve(terminal.folder, folder);
  if (environment === undefined) {
    const models = fixtureModels();
    // One folder a model and a version, as model repositories are laid out.
    await write(
      place,
      models.map(({ name, bytes }) => ({ path: `${name}/1/model.onnx`, content: bytes })),
    );
    terminal.out(`Wrote ${models.length} models to ${folder}: each as NAME/1/model.onnx.\n`);
    return exitCodes.success;
  }
  await needEnvironment(place, folder, environment);
  const files = fixtureRegistry(environment);
  await write(place, files);
  const count = files.filter(({ path }) => path.endsWith('.onnx')).length;
  terminal.out(`Wrote ${count} models to ${folder}, deployed to ${environment}. Commit them:\n`);
  terminal.out(
    "  git add models environments && git commit -m 'Serve the fixtures of the conformance kit'\n",
  );
  return exitCodes.success;
}

/** What is deployed to an environment that is not there would be served by nobody. */
async function needEnvironment(place: string, folder: string, environment: string): Promise<void> {
  const isName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(environment);
  const file = join(place, 'environments', environment, 'environment.yaml');
  if (
    isName &&
    (await access(file).then(
      () => true,
      () => false,
    ))
  )
    return;
  throw usageError(
    `${folder} is no registry with an environment ${environment}`,
    `Name one below environments/, or make a registry: switchyard init ${folder === '.' ? 'registry' : folder}`,
  );
}

async function write(place: string, files: readonly RegistryFile[]): Promise<void> {
  try {
    for (const { path, content } of files) {
      await mkdir(dirname(join(place, path)), { recursive: true });
      await writeFile(join(place, path), content);
    }
  } catch (error) {
    throw fileNotWritable(place, error);
  }
}
