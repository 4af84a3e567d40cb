import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type RunFile,
  readRunFile,
  removeRunFile,
  runningPlatforms,
  writeRunFile,
} from '../../server/run-file.ts';

let home: string;
let dataFolder: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'switchyard-run-file-'));
  dataFolder = join(home, 'data');
  await mkdir(dataFolder);
});
afterEach(async () => {
  await chmod(home, 0o755);
  await rm(home, { recursive: true, force: true });
});

function run(pid = process.pid): RunFile {
  return {
    pid,
    startedAt: '2026-01-01T00:00:00.000Z',
    repository: 'https://me:hunter2@git.example.com/registry.git',
    reference: 'main',
    api: 'http://127.0.0.1:8081',
    inference: 'http://127.0.0.1:8080',
    dataFolder,
  };
}

describe('the run file', () => {
  it('lets other commands find what runs on this machine', async () => {
    const environment = { HOME: home };
    await writeRunFile(run(), environment);
    expect(await readRunFile(dataFolder)).toMatchObject({ api: 'http://127.0.0.1:8081', pid: process.pid });
    expect(await runningPlatforms(environment)).toHaveLength(1);
    await removeRunFile(dataFolder, environment);
    expect(await readRunFile(dataFolder)).toBeUndefined();
    expect(await runningPlatforms(environment)).toHaveLength(0);
  });

  it('holds no credentials', async () => {
    await writeRunFile(run(), { HOME: home });
    expect(await readFile(join(dataFolder, 'run.json'), 'utf8')).not.toContain('hunter2');
  });

  it('does not believe a file whose process was killed', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await writeRunFile(run(child.pid), { HOME: home });
    expect(await readRunFile(dataFolder)).toBeUndefined();
    expect(await runningPlatforms({ HOME: home })).toEqual([]);
  });

  it('works without a home folder that it may write', async () => {
    await writeFile(join(home, 'file'), '');
    await writeRunFile(run(), { HOME: join(home, 'file') });
    expect(await readRunFile(dataFolder)).toBeDefined();
  });

  it('ignores foreign files beside the pointers', async () => {
    await writeRunFile(run(), { HOME: home });
    await writeFile(join(home, '.local', 'state', 'switchyard', 'running', 'note.json'), 'hello');
    expect(await runningPlatforms({ HOME: home })).toHaveLength(1);
  });
});
