import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/switchyard.ts';
import { processTerminal } from '../../cli/terminal.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { run as runIn } from './run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-usage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const run = (...words: string[]) => runIn(words, { folder });

const program = createProgram(processTerminal(new AbortController().signal));
const verbs = program
  .createHelp()
  .visibleCommands(program)
  .filter((command) => command.name() !== 'help');

describe('the command line', () => {
  it('shows its verbs when it is called without one', async () => {
    const { status, out } = await run();
    expect(status).toBe(0);
    for (const verb of verbs) expect(out).toContain(verb.name());
    expect(out).not.toContain('__complete');
  });

  it('says where the pages lie that it names', async () => {
    const { out } = await run('help');
    const [, folder = ''] = /lie in:\n {2}(.+)\n/.exec(out) ?? [];
    for (const page of ['docs/cli.md', 'plugins/serving/README.md']) {
      expect(existsSync(join(folder, page)), page).toBe(true);
    }
  });

  it('has help that fits a window of 80 columns, for all verbs', () => {
    const written: string[] = [];
    const terminal = {
      ...processTerminal(new AbortController().signal),
      width: 80,
      out: (text: string) => void written.push(text),
    };
    const showHelp = (command: Command) => {
      command.outputHelp();
      for (const one of command.commands) showHelp(one);
    };
    showHelp(createProgram(terminal));
    const lines = written.join('').split('\n');
    expect(lines.length).toBeGreaterThan(1000);
    // A line of an example is to be copied, so it is not broken; and this folder may be anywhere.
    const fits = (line: string) => line.length <= 80 || line.trim() === packageFile('.').trim();
    const wide = lines.filter((line) => !fits(line) && !/^ +(.*switchyard |")/.test(line));
    expect(wide).toEqual([]);
    expect(lines.filter((line) => line.startsWith('Exit status')).length).toBeGreaterThan(10);
  });

  it('knows what was meant by a misspelt verb', async () => {
    const { status, out, err } = await run('chekc');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toBe("error: unknown command 'chekc'\n  hint: Did you mean check?\n  code: UsageError\n");
  });

  it('knows what was meant by a misspelt flag', async () => {
    const { status, err } = await run('get', 'all', '--environmnt', 'dev');
    expect(status).toBe(2);
    expect(err).toContain("unknown option '--environmnt'");
    expect(err).toContain('hint: Did you mean --environment?');
  });

  it('names the argument that is missing and the choices of a flag', async () => {
    const missing = await run('init');
    expect(missing).toMatchObject({ status: 2 });
    expect(missing.err).toContain("missing required argument 'dir'");
    const choice = await run('check', '--output', 'xml');
    expect(choice.status).toBe(2);
    expect(choice.err).toContain('Allowed choices are');
  });

  it('prints its version alone', async () => {
    for (const flag of ['--version', '-V']) {
      const { status, out } = await run(flag);
      expect(status).toBe(0);
      expect(out).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
    }
  });

  it('knows what was meant by help of a misspelt verb', async () => {
    const { status, out, err } = await run('help', 'statsu');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain("unknown command 'statsu'");
    expect(err).toContain('Did you mean status?');
    expect((await run('help', 'qqqqqqqq')).status).toBe(2);
    expect((await run('help', 'status')).out).toContain('Examples:');
  });

  it('leads to the help of the verb that was misused', async () => {
    expect((await run('init')).err).toContain('hint: See `switchyard help init`.');
    const { err } = await run('rollout', 'accept-risk', 'production/bird-strike');
    expect(err).toContain('hint: See `switchyard help rollout accept-risk`.');
  });

  it('shows the help of a verb of two words', async () => {
    const { out } = await run('help', 'rollout', 'accept-risk');
    expect(out).toContain('Usage: switchyard rollout accept-risk [options] <deployment>');
    expect(out).toBe((await run('rollout', 'accept-risk', '--help')).out);
    expect((await run('help', 'rollout')).out).toContain('Usage: switchyard rollout [options] [command]');
  });

  it('lists the kinds where one is needed, with or without a platform', async () => {
    const { status, err } = await run('get', '--api', 'http://127.0.0.1:9');
    expect(status).toBe(2);
    expect(err).toContain('get needs a kind');
    expect(err).toMatch(/Kinds: .*deployments.*; or all/);
  });

  it('calls a setting and an argument as they were typed', async () => {
    const port = await run('up', '--port', 'eighty');
    expect(port.status).toBe(2);
    expect(port.err).toContain('error: --port must be a whole number, not "eighty"');
    const shell = await run('completion', 'tcsh');
    expect(shell.status).toBe(2);
    expect(shell.err).toContain("error: shell cannot be 'tcsh'. Allowed choices are bash, zsh, fish.");
  });

  it('refuses a second word where there is room for one', async () => {
    expect((await run('version', 'now')).status).toBe(2);
  });

  it.each(verbs.map((verb) => [verb.name(), verb] as const))(
    'explains %s, with an example that names it',
    async (name, verb) => {
      const { status, out } = await run(name, '--help');
      expect(status).toBe(0);
      expect(out).toContain(verb.description());
      expect(out.slice(out.indexOf('Examples:'))).toContain(`switchyard ${name}`);
    },
  );

  it.each(verbs.map((verb) => [verb.name(), verb] as const))('describes every flag of %s', (_, verb) => {
    for (const option of verb.options) expect(option.description, option.flags).not.toBe('');
  });
});

describe('a platform that does not answer', () => {
  it('ends the command with its own status, and says what to do', async () => {
    const { status, out, err } = await run('get', 'all', '--api', 'http://127.0.0.1:9');
    expect({ status, out }).toEqual({ status: 3, out: '' });
    expect(err).toMatch(/^error: no platform answers at http:\/\/127\.0\.0\.1:9 /);
    expect(err).toContain('hint: Start one with `switchyard up`');
    expect(err).toContain('code: ServerUnreachable');
    expect(err).not.toContain('    at ');
  });

  it('shows a stack only when asked for one', async () => {
    const { err } = await run('get', 'all', '--api', 'http://127.0.0.1:9', '--verbose');
    expect(err).toContain('    at ');
  });
});
