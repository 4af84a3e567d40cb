import { gitEnvironment, runGit } from '../../libraries/git/git-command.ts';
import { redactUrl } from '../../libraries/git/remote-url.ts';
import type { ReferenceUpdate } from '../../libraries/git/repository.ts';
import { remoteSaidNo } from '../proposing/errors.ts';

/** The remote `origin` of a clone, asked by the git that the person uses, with the person's own credentials. */
export interface CloneRemote {
  /** Without credentials. */
  readonly url: string;
  /**
   * Brings references under their own names, or those of one folder (`refs/proposals/*`) into another. Throws
   * `RemoteSaidNo`.
   */
  fetch(patterns: readonly string[], into?: string): Promise<void>;
  /** Moves references there, all or none, each from what is expected. Throws `RemoteSaidNo`. */
  push(updates: readonly ReferenceUpdate[]): Promise<void>;
}

/** Undefined where the clone has no `origin`, or this machine no git. */
export async function cloneRemote(
  root: string,
  environment: NodeJS.ProcessEnv,
): Promise<CloneRemote | undefined> {
  const options = { cwd: root, environment: gitEnvironment(environment), idleTimeout: 60_000 };
  const asked = await runGit(['config', '--get', 'remote.origin.url'], options).catch(() => undefined);
  const url = asked?.status === 0 ? asked.stdout.toString('utf8').trim() : '';
  if (url === '') return undefined;
  const shown = redactUrl(url);
  const talk = async (command: readonly string[]) => {
    const { status, stderr } = await runGit(command, options);
    if (status !== 0) throw remoteSaidNo(shown, stderr.replaceAll(url, shown));
  };
  return {
    url: shown,
    fetch: (patterns, into) =>
      talk([
        'fetch',
        '--no-tags',
        '--no-write-fetch-head',
        '--prune',
        'origin',
        ...patterns.map((each) => `+${each}:${into === undefined ? each : `${into}*`}`),
      ]),
    push: (updates) =>
      talk([
        'push',
        '--atomic',
        ...updates.map(({ reference, from }) => `--force-with-lease=${reference}:${from ?? ''}`),
        'origin',
        ...updates.map(({ reference, to }) => `${to ?? ''}:${reference}`),
      ]),
  };
}
