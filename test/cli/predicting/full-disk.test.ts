/** A file system that is full. Where none can be mounted, the title says so. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canMount } from '../../fixtures/mounting.ts';
import { type Serving, startServing } from '../../plugins/serving/dataplane/fixtures/in-process.ts';
import { linearModel, pin } from '../../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../../plugins/serving/dataplane/fixtures/tables.ts';
import { run } from '../run.ts';

let folder: string;
let disk: string;

describe.skipIf(!canMount())('a full disk (needs root and mount)', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-predict-full-'));
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  });

  afterEach(() => {
    execFileSync('umount', [disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  describe('predict --file', () => {
    let serving: Serving;
    beforeEach(async () => {
      serving = await startServing();
      await serving.follow(table(deployment('linear', [pin(folder, '1.0.0', linearModel(2, 0))])));
      writeFileSync(join(folder, 'rows.csv'), `x\n${'1\n'.repeat(20_000)}`);
    }, 60_000);
    afterEach(() => serving.stop());

    const words = ['linear', '--file', 'rows.csv', '--batch', '1000'];
    const predict = (...more: readonly string[]) =>
      run(['predict', ...words, '--server', `http://127.0.0.1:${serving.port}`, ...more], { folder });

    it.each(['csv', 'jsonl'])(
      'leaves the earlier %s where there is no room to begin with',
      async (ending) => {
        const out = join(disk, `result.${ending}`);
        writeFileSync(out, 'an earlier result\n');
        fill();
        const { status, err } = await predict('--out', out, '--force');
        expect([status, err]).toEqual([1, expect.stringContaining('code: FileNotWritable')]);
        expect(err).toContain('Make room on that disk');
        expect(readFileSync(out, 'utf8')).toBe('an earlier result\n');
        expect(readdirSync(disk).sort()).toEqual(['filler', `result.${ending}`]);
      },
    );

    it('leaves the earlier result where it becomes full, and goes on once there is room', async () => {
      const out = join(disk, 'result.jsonl');
      writeFileSync(out, 'an earlier result\n');
      const { status, err } = await predict('--out', out, '--force');
      expect([status, err]).toEqual([1, expect.stringMatching(/rows are in .*result\.jsonl\.partial/)]);
      expect(readFileSync(out, 'utf8')).toBe('an earlier result\n');
      execFileSync('mount', ['-o', 'remount,size=16m', disk]);
      const resumed = await predict('--out', out, '--resume');
      expect(resumed.err).toMatch(/^20000 rows, [1-9]\d* of them before; none failed\.$/m);
      expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(20_000);
      expect(readdirSync(disk)).toEqual(['result.jsonl']);
    }, 60_000);
  });

  describe('jobs result', () => {
    let platform: Server;
    beforeEach(async () => {
      platform = createServer((request, response) => {
        const job = { id: 'a1', state: 'done', progress: { rows: 9, failed: 0, read: 1 } };
        response.end(request.url?.includes('/result') ? 'x'.repeat(4e6) : JSON.stringify(job));
      });
      await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => void platform.close());

    it('leaves the earlier file, and no part of the other', async () => {
      const out = join(disk, 'result.jsonl');
      writeFileSync(out, 'an earlier result\n');
      const api = `http://127.0.0.1:${(platform.address() as AddressInfo).port}`;
      const words = ['jobs', 'result', 'a1', '--api', api, '--out', out, '--force'];
      const { status, err } = await run(words, { folder });
      expect([status, err]).toEqual([1, expect.stringContaining('code: FileNotWritable')]);
      expect(err).toContain('Make room on that disk');
      expect(readFileSync(out, 'utf8')).toBe('an earlier result\n');
      expect(readdirSync(disk)).toEqual(['result.jsonl']);
    });
  });
});

/** Takes all the room that is left, to the last page. */
function fill(): void {
  for (let size = 1024 * 1024; size >= 4096; ) {
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(size), { flag: 'a' });
    } catch {
      size /= 2;
    }
  }
}
