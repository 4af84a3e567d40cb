import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryApart } from '../../../../plugins/serving/dataplane/load/try-apart.ts';
import { TrialProcess } from '../../../../plugins/serving/trials/trial-process.ts';
import { linearModel, pin } from '../dataplane/fixtures/models.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-nonsense-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that answers its first call with this line, and lives on until its channel closes. */
function programThatSays(line: string): string {
  const path = join(folder, 'trial.mjs');
  const text = `
    import { Socket } from 'node:net';
    const channel = new Socket({ fd: 3 });
    channel.once('data', () => channel.write(${JSON.stringify(`${line}\n`)}));
    channel.on('close', () => process.exit(0));`;
  writeFileSync(path, text);
  return path;
}

describe.each(['no JSON', 'null', '5', '{"type":"other"}'])('a trial that answers %s', (line) => {
  it('has crashed, for an inference process', async () => {
    const pinned = pin(folder, '1.0.0', linearModel(2, 1));
    await expect(tryApart(pinned, 20_000, programThatSays(line))).rejects.toMatchObject({
      code: 'TrialCrashed',
      message: expect.stringContaining('no message'),
    });
  });

  it('has crashed, for control', async () => {
    const program = programThatSays(line);
    const trial = new TrialProcess({ program, timeoutMs: 20_000, maxBytes: 2 ** 30, where: 'models/m.yaml' });
    const call = trial.call({ call: 'examples' });
    await expect(call).rejects.toMatchObject({
      reason: 'TrialCrashed',
      message: expect.stringContaining('no message'),
    });
    await trial.ended;
  });
});
