/** What docs/conformance.md says of serving the fixtures on Switchyard, command by command. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { Yard } from './yard.ts';

const page = readFileSync(packageFile('docs/conformance.md'), 'utf8');
const block = (name: string): string =>
  new RegExp(`\`\`\`sh ${name}\\n([^\`]*)\`\`\``).exec(page)?.[1]?.trim() ??
  expect.fail(`there is no block ${name}`);

let yard: Yard;
beforeAll(async () => {
  yard = await Yard.open();
}, 60_000);
afterAll(() => yard.close());

it('has commands whose registry passes every case but those of BF16, and leaves none unasked', async () => {
  const lines = block('registry').split('\n');
  const up = lines.pop()!.split(' ');
  expect(up).toEqual(['switchyard', 'up', '--grpc-port', '9000']);
  await shell(lines.join('\n'));

  const platform = await yard.up(join(yard.folder, 'kit'), ['--grpc-port', '0']);
  const { inference, grpc } = platform.run;
  await platform.until('all fixtures answer', async () => {
    const ready = await fetch(`${inference}/v2/health/ready`);
    const last = await fetch(`${inference}/v2/models/conformance-uint8/ready`);
    return ready.status === 200 && last.status === 200;
  });
  const asked = block('whole')
    .replace('http://127.0.0.1:8080', inference)
    .replace('127.0.0.1:9000', grpc!.replace(/^.*\/\//, ''));
  const [, ...words] = asked.split(' ');
  const { status, out, err } = await yard.switchyard(words);
  expect(status, out + err).toBe(0);
  expect(out).toMatch(/^1\d\d passed, 2 in a way of its own, 0 failed, 0 not asked\.$/m);
}, 120_000);

/** Runs lines as a shell does that finds `switchyard`, stopping at the first that fails. */
async function shell(lines: string): Promise<void> {
  const bin = join(yard.folder, 'bin');
  await mkdir(bin);
  const main = packageFile('dist/cli/main.js');
  await writeFile(join(bin, 'switchyard'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(join(bin, 'switchyard'), 0o755);
  await writeFile(join(yard.folder, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.org\n');
  const environment = { ...process.env, HOME: yard.folder, PATH: `${bin}:${process.env.PATH}` };
  await promisify(execFile)('sh', ['-e', '-c', lines], { cwd: yard.folder, env: environment });
}
