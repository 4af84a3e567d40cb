import { tmpdir } from 'node:os';
import { gitEnvironment, runGit } from '../../libraries/git/git-command.ts';

/**
 * What Git would show the registry's remote, as a header: the operator's `SWITCHYARD_GIT_TOKEN`, what stands in the URL of the
 * remote, or what Git's credential helpers know. Undefined where there is nothing.
 */
export async function gitAuthorization(
  remote: URL,
  operator: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { SWITCHYARD_GIT_USERNAME: username, SWITCHYARD_GIT_TOKEN: token } = operator;
  if (token) return basic(username || decodeURIComponent(remote.username) || 'git', token);
  if (remote.password !== '') {
    return basic(decodeURIComponent(remote.username), decodeURIComponent(remote.password));
  }
  if (operator.PATH === undefined) return undefined;
  const asked = [
    `protocol=${remote.protocol.slice(0, -1)}`,
    `host=${remote.host}`,
    ...(remote.username === '' ? [] : [`username=${decodeURIComponent(remote.username)}`]),
  ];
  if (asked.some((line) => /[\r\n\0]/.test(line))) return undefined;
  try {
    const { status, stdout } = await runGit(['credential', 'fill'], {
      // No repository: a helper that one names is not run.
      cwd: tmpdir(),
      environment: gitEnvironment({ ...operator }),
      input: Buffer.from(`${asked.join('\n')}\n\n`),
      idleTimeout: 10_000,
      signal,
    });
    if (status !== 0) return undefined;
    const fields = new Map(
      stdout
        .toString('utf8')
        .split('\n')
        .map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)] as const),
    );
    const [name, password] = [fields.get('username'), fields.get('password')];
    return name === undefined || password === undefined ? undefined : basic(name, password);
  } catch {
    // There is no git, so nothing that it knows.
    return undefined;
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
