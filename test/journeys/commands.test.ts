import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { type Ran, run as runIn } from '../cli/run.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let yard: Yard;
let platform: Platform;

beforeAll(async () => {
  yard = await Yard.open();
  platform = await yard.up();
  await platform.converged();
});
afterAll(() => yard?.close(), 60_000);

const run = (...words: string[]) =>
  runIn(words, { folder: yard.registry, environment: { HOME: yard.folder } });

/** Runs a command that stays, does something again and again until its output holds the text, then presses Ctrl-C. */
async function follow(
  words: readonly string[],
  text: RegExp,
  meanwhile: () => Promise<unknown>,
): Promise<Ran> {
  const stopping = new AbortController();
  let out = '';
  let saidSomething = () => {};
  const said = new Promise<void>((settle) => {
    saidSomething = settle;
  });
  const running = runIn(words, {
    folder: yard.registry,
    environment: { HOME: yard.folder },
    signal: stopping.signal,
    onOut: (piece) => {
      out += piece;
      saidSomething();
      if (text.test(out)) stopping.abort();
    },
  });
  const ended = running.then(() => true);
  await Promise.race([said, ended, wait(1_000)]);
  const deadline = Date.now() + 60_000;
  do await meanwhile();
  while (!(await Promise.race([ended, wait(5_000, false)])) && Date.now() < deadline);
  stopping.abort();
  return running;
}

describe('get', () => {
  it('shows every kind as a table of its own columns', async () => {
    const { status, out } = await run('get', 'all');
    expect(status).toBe(0);
    expect(out).toMatch(/ENVIRONMENT\s+NAME\s+MODEL\s+VERSION\s+READY\s+STATUS\s+AGE\s+MESSAGE/);
    expect(out).toMatch(/staging\s+bird-strike\s+bird-strike\s+1\.0\.0\s+True\s+Serving\s+\d+s/);
    expect(out).toMatch(/modelversions\n/);
  });

  it('takes a kind by its name, its plural, a short name, or a whole reference', async () => {
    for (const words of [
      ['deployment', 'staging/bird-strike'],
      ['Deployments', 'bird-strike', '-e', 'staging'],
      ['deploy/staging/bird-strike'],
    ]) {
      const { status, out } = await run('get', ...words, '-o', 'name');
      expect({ status, out }, words.join(' ')).toEqual({
        status: 0,
        out: 'Deployment/staging/bird-strike\n',
      });
    }
  });

  it('filters by environment and label', async () => {
    const staged = await run('get', 'all', '-e', 'staging', '-o', 'name');
    expect(staged.out).toBe('Deployment/staging/bird-strike\n');
    const labelled = await run('get', 'all', '-l', 'domain=aviation-safety', '-o', 'name');
    expect(labelled.out).toBe('Model/bird-strike\n');
    const nothing = await run('get', 'all', '-l', 'domain=finance');
    expect(nothing).toMatchObject({ status: 0, out: '', err: expect.stringContaining('Nothing matches') });
    expect((await run('get', 'all', '-l', 'domain')).status).toBe(2);
  });

  it('gives one resource, or a list of them, as JSON and as YAML', async () => {
    const one = JSON.parse((await run('get', 'model', 'bird-strike', '-o', 'json')).out) as { ref: string };
    expect(one.ref).toBe('Model/bird-strike');
    const { out } = await run('get', 'models', '-o', 'yaml');
    expect(out).toMatch(/^items:\n {2}- ref: Model\/bird-strike\n/);
    const wide = await run('get', 'models', '-o', 'wide');
    expect(wide.out).toContain('models/bird-strike/model.yaml:2');
  });

  it('asks which one is meant where a name is not enough, and knows when there is none', async () => {
    const several = await run('get', 'deploy', 'bird-strike');
    expect(several.status).toBe(2);
    expect(several.err).toContain('Say which: Deployment/dev/bird-strike, Deployment/production/bird-strike');
    const none = await run('get', 'deploy', 'fraud');
    expect(none.status).toBe(4);
    expect(none.err).toContain('there is no resource Deployment/fraud');
    const kind = await run('get', 'deploymnets');
    expect(kind.status).toBe(4);
    expect(kind.err).toContain('Did you mean `deployments`?');
  });
});

describe('commands that stay', () => {
  let version = '1.1.0';
  const change = () => {
    version = version === '1.1.0' ? '1.0.0' : '1.1.0';
    return yard.promote('dev', version);
  };

  it('prints events as they happen', async () => {
    const { status, out } = await follow(['events', '--follow', '-o', 'json'], /snapshot\.applied/, change);
    expect(status).toBe(130);
    const lines = out.trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { event: string });
    expect(events.map(({ event }) => event)).toContain('plan.made');
  });

  it('says that only some events are recorded', async () => {
    expect((await run('events', '--type', 'journal.appended')).status).toBe(0);
    const { status, err } = await run('events', '--type', 'plan.made');
    expect(status).toBe(2);
    expect(err).toContain('Add --follow to see new ones.');
  });

  it('watches the resources that match, and no others', async () => {
    const words = ['get', 'deployments', '-e', 'dev', '--watch'];
    const { status, out } = await follow(words, /Serving[\s\S]*Serving/, change);
    expect(status).toBe(130);
    expect(out).toMatch(/^ENVIRONMENT/);
    expect(out).not.toContain('production');
  });

  it('follows the journal across a killed control process, without missing or repeating an entry', async () => {
    await platform.converged();
    const [last] = await platform.journal();
    let isKilled = false;
    const words = ['journal', '--follow', '-o', 'json', '--limit', '1'];
    const { out, err } = await follow(
      words,
      /"type":"deployment\.switched"[\s\S]*"type":"deployment\.switched"/,
      async () => {
        const [pid] = isKilled ? [] : await platform.children('control');
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        isKilled = true;
        await change();
      },
    );
    const told = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { sequence: number }).sequence);
    await platform.converged();
    const kept = (await platform.journal()).map(({ sequence }) => sequence).reverse();
    expect(told.length).toBeGreaterThan(1);
    expect(told).toEqual(kept.filter((sequence) => sequence >= (told[0] ?? 0)).slice(0, told.length));
    expect(told[0]).toBeGreaterThanOrEqual(last?.sequence ?? 0);
    expect(err).toContain('connection lost, trying again');
  });
});

describe('in a shell', () => {
  const bash = async (script: string) => {
    const bin = join(yard.folder, 'bin');
    await mkdir(bin, { recursive: true });
    const command = join(bin, 'switchyard');
    await writeFile(
      command,
      `#!/bin/sh\nexec "${process.execPath}" "${packageFile('dist/cli/main.js')}" "$@"\n`,
    );
    await chmod(command, 0o755);
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, HOME: yard.folder };
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: yard.registry, env });
    return stdout;
  };
  const complete = (...words: string[]) =>
    bash(`source <(switchyard completion bash)
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
      _switchyard switchyard '${words.at(-1)}' '${words.at(-2)}'
      printf '%s\\n' "\${COMPREPLY[@]}"`).then((out) => out.trim().split('\n').sort());

  it('completes verbs, flags, kinds, names and choices by Tab', async () => {
    // What comes from the platform comes within a second or not at all, and a busy machine may take longer.
    const completes = (words: string[], expected: string[]) =>
      expect.poll(() => complete('switchyard', ...words), { timeout: 30_000 }).toEqual(expected);
    await platform.converged();
    await completes(['de'], ['describe']);
    await completes(['get', 'mod'], ['models', 'modelversions']);
    await completes(['describe', 'mv', ''], ['1.0.0', '1.1.0']);
    await completes(['predict', 'b'], ['bird-strike']);
    await completes(['merge-lines', 'b'], ['bird-strike']);
    await completes(['merge-lines', 'bird-strike', 'm'], ['main']);
    await completes(['merge-lines', 'bird-strike', '1.1.0', '--into', ''], ['main']);
    await completes(['get', 'all', '--environment', 's'], ['staging']);
    await completes(['check', '--output', ''], ['github', 'json', 'sarif', 'yaml']);
    await completes(['get', 'all', '--wa'], ['--watch']);
    await completes(['check', 'env'], ['environments']);
  });

  it('completes what it can without a platform, soon and in silence', async () => {
    const started = Date.now();
    expect(await complete('switchyard', 'get', '--api', 'http://127.0.0.1:9', 'mod')).toEqual(['']);
    expect(await complete('switchyard', 'completion', 'z')).toEqual(['zsh']);
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  it('ends in peace when its reader leaves', async () => {
    expect(await bash('set -o pipefail; switchyard get all -o json | head -1')).toBe('{\n');
  });

  it('uses no colours in a pipe', async () => {
    expect(await bash('switchyard get all; switchyard status; switchyard --help')).not.toContain('\u001b');
  });

  it('ends at Ctrl-C with the status that shells expect', async () => {
    const child = spawn(process.execPath, [packageFile('dist/cli/main.js'), 'journal', '--follow'], {
      cwd: yard.registry,
      env: { ...process.env, HOME: yard.folder },
    });
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });
});

describe('a platform that asks for a token', () => {
  it('lets in who has it, tells who has none, and shows it to nobody', async () => {
    const other = await Yard.open();
    try {
      const token = 'correct-horse-battery-staple';
      const closed = await other.up(other.registry, [], {
        SWITCHYARD_API_TOKEN: token,
        SWITCHYARD_API_REQUIRE_TOKEN_FOR_READS: 'true',
      });
      const at = ['--api', closed.run.api];
      const refused = await other.switchyard(['get', 'all', ...at]);
      expect(refused.status).toBe(5);
      expect(refused.err).toContain('code: Unauthorized');
      const allowed = await other.switchyard(['get', 'all', ...at], { SWITCHYARD_API_TOKEN: token });
      expect(allowed.status).toBe(0);
      await closed.until('the summary is printed', async () => closed.log.includes('Try it:'));
      expect(closed.log + refused.err + allowed.out + allowed.err).not.toContain(token);
    } finally {
      await other.close();
    }
  });
});
