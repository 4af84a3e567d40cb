import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { registry, registryFile, versions } from './registry.ts';

/** A registry as a team has it: a copy of the template, in a folder that knows nothing of this project. */
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'registry-'));
  cpSync(registry, copy, { recursive: true });
  // Stands for `npm install`: tsx is all that package.json asks for.
  symlinkSync(packageFile('node_modules'), join(copy, 'node_modules'));
});

afterEach(() => {
  rmSync(copy, { recursive: true });
});

describe('the training of a copied registry', () => {
  it('gives the published artifacts and manifests again, byte for byte', async () => {
    rmSync(join(copy, 'models/bird-strike/versions'), { recursive: true });
    rmSync(join(copy, 'models/bird-strike/artifacts'), { recursive: true });
    await run('train');
    for (const version of versions) {
      for (const path of [
        `models/bird-strike/artifacts/${version}.onnx`,
        `models/bird-strike/versions/${version}.yaml`,
      ]) {
        expect(readFileSync(join(copy, path)).equals(readFileSync(registryFile(path))), path).toBe(true);
      }
    }
  });

  it('leaves a version that has a manifest as it is', async () => {
    const manifest = join(copy, 'models/bird-strike/versions/1.0.0.yaml');
    appendFileSync(manifest, '# looked at by a person\n');
    const { stdout } = await run('train');
    expect(stdout).toContain('1.0.0: has a manifest, left as it is');
    expect(readFileSync(manifest, 'utf8')).toMatch(/# looked at by a person\n$/);
  });

  it('verifies what is published, and fails when the data are not those that trained it', async () => {
    expect((await run('train', 'verify')).stdout).toContain('1.1.0: comes out as published');
    const data = join(copy, 'data/bird-strikes.csv');
    const [header, first, ...rest] = readFileSync(data, 'utf8').split('\n');
    writeFileSync(data, [header, first?.replace(/None$/, 'Minor'), ...rest].join('\n'));
    const failure = await run('train', 'verify').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1 });
    expect((failure as { stdout: string }).stdout).toContain('1.0.0: differs from its manifest');
  });

  it('refuses to derive the data from anything but the dataset that it names', async () => {
    const path = 'data/bird-strikes.csv';
    const other = join(copy, 'other.csv');
    writeFileSync(other, 'Airport Name\r\nNOWHERE\r\n');
    await expect(run('derive', other)).rejects.toThrow(
      /expected sha256:[0-9a-f]{64} \(vega-datasets@3\.2\.1\)/,
    );
    const [kept, published] = [join(copy, path), registryFile(path)].map((file) => readFileSync(file));
    expect(kept!.equals(published!)).toBe(true);
  });

  it('names the row of a data file that it cannot read', async () => {
    rmSync(join(copy, 'models/bird-strike/versions'), { recursive: true });
    appendFileSync(join(copy, 'data/bird-strikes.csv'), '10001,2002-09-01\n');
    await expect(run('train')).rejects.toThrow('bird-strikes.csv:9987: 2 fields, the header names 12');
  });
});

function run(script: string, ...values: string[]) {
  return promisify(execFile)('npm', ['run', '--silent', script, '--', ...values], {
    cwd: copy,
    timeout: 60_000,
  });
}
