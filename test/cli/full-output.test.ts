/** Standard output on a disk that is full, as the device /dev/full plays it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { type Serving, startServing } from '../plugins/serving/dataplane/fixtures/in-process.ts';
import { linearModel, pin } from '../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../plugins/serving/dataplane/fixtures/tables.ts';
import { run } from './run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-full-output-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A command as it was built, in a process of its own. */
function start(words: readonly string[], cwd = folder): ChildProcess {
  const full = openSync('/dev/full', 'w');
  try {
    return spawn(process.execPath, [packageFile('dist/cli/main.js'), ...words], {
      cwd,
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', full, 'pipe'],
      timeout: 60_000,
    });
  } finally {
    closeSync(full);
  }
}

async function statusAndError(child: ChildProcess): Promise<readonly [number | null, string]> {
  const [err, [status]] = await Promise.all([text(child.stderr!), once(child, 'close')]);
  return [status as number | null, err];
}

describe.skipIf(!existsSync('/dev/full'))('an output that is full (needs /dev/full)', () => {
  it.each([
    [['version']],
    [['--help']],
    [['schema']],
    [['check', packageFile('registry-repo-template'), '-o', 'json']],
  ])('ends %j with an error that says so', async (words) => {
    const [status, err] = await statusAndError(start(words));
    expect([status, err]).toEqual([1, expect.stringContaining('code: OutputNotWritable')]);
    expect(err).toContain('ENOSPC');
    expect(err).toContain('Make room on the disk');
    expect(err).not.toMatch(/^ +at .*\.js:/m);
  });

  describe('of predictions', () => {
    let serving: Serving;
    beforeEach(async () => {
      serving = await startServing();
      await serving.follow(table(deployment('linear', [pin(folder, '1.0.0', linearModel(2, 0))])));
    }, 60_000);
    afterEach(() => serving.stop());

    it('ends predict --file at the first rows', async () => {
      writeFileSync(join(folder, 'rows.csv'), `x\n${'1\n'.repeat(5_000)}`);
      const server = `http://127.0.0.1:${serving.port}`;
      const [status, err] = await statusAndError(
        start(['predict', 'linear', '--file', 'rows.csv', '--server', server]),
      );
      expect([status, err]).toEqual([1, expect.stringContaining('code: OutputNotWritable')]);
      expect(err).not.toContain('none failed');
    });
  });

  it('is told by up, which goes on until it is ended', async () => {
    const registry = join(folder, 'registry');
    expect((await run(['init', registry], { folder })).status).toBe(0);
    const data = ['--data', join(folder, 'data')];
    const ports = ['--port', '0', '--api-port', '0', '--processes', '1'];
    const platform = start(['up', ...data, ...ports], registry);
    const ended = once(platform, 'close');
    const told = new Promise<void>((resolve) => {
      let err = '';
      platform.stderr!.on('data', (piece: Buffer) => {
        err += piece;
        if (err.includes('code: OutputNotWritable')) resolve();
      });
    });
    await Promise.race([told, ended]);
    expect(platform.exitCode).toBeNull();
    platform.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }, 90_000);
});
