import { remoteMissing, remoteRefused, remoteUnreachable } from './errors.ts';
import { gitEnvironment, type Setting } from './git-command.ts';
import { type Credentials, type RemoteUrl, redactSecrets } from './remote-url.ts';

/** How to talk to one remote, with the operator's credentials, and how to speak of it without them. */
export interface RemoteAccess {
  /** Safe to store, log and put on a command line. */
  readonly url: string;
  readonly transport: RemoteUrl['transport'];
  readonly credentials: Credentials | undefined;
  /** For git commands. The only place of the secrets: never a command line, never a file. */
  readonly environment: NodeJS.ProcessEnv;
  /** Takes the secrets out of any text. */
  redact(text: string): string;
}

/**
 * Reads the operator's `SWITCHYARD_GIT_USERNAME` and `SWITCHYARD_GIT_TOKEN` (HTTP) or `SWITCHYARD_GIT_SSH_KEY` (a file;
 * SSH). Credentials in the URL serve where the environment has none. Without either, the operator's own credential helpers
 * and agent do.
 */
export function remoteAccess(remote: RemoteUrl, operator: NodeJS.ProcessEnv): RemoteAccess {
  const credentials = remote.transport === 'http' ? httpCredentials(remote, operator) : undefined;
  const settings = credentials === undefined ? [] : credentialSettings(remote.url);
  return {
    url: remote.url,
    transport: remote.transport,
    credentials,
    environment: {
      ...gitEnvironment(operator, settings),
      GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
      ...sshCommand(operator),
      ...(credentials && {
        SWITCHYARD_USERNAME: credentials.username,
        SWITCHYARD_PASSWORD: credentials.password,
      }),
    },
    redact: (text) => redactSecrets(text, credentials),
  };
}

/** The error for what git (or an HTTP status) complained of. */
export function explainRemote(access: RemoteAccess, complaint: string, cause?: unknown): Error {
  const reason = access.redact(essence(complaint));
  if (missing.test(complaint)) return remoteMissing(access.url, reason, cause);
  if (refused.test(complaint)) return remoteRefused(access.url, reason, cause);
  return remoteUnreachable(access.url, reason, cause);
}

const refused =
  /Authentication failed|could not read (Username|Password)|terminal prompts disabled|error: 40[13]|HTTP Error: 40[13]|Permission denied|Host key verification failed|dubious ownership|Access denied|transport '\w+' not allowed/i;
const missing =
  /repository .*not found|error: 404|HTTP Error: 404|does not appear to be a git repository|repository .*does not exist|not a git repository/i;

/** The lines that say what went wrong, without the progress. */
function essence(complaint: string): string {
  const lines = complaint.split(/[\r\n]+/).map((line) => line.trim());
  const telling = lines.filter((line) =>
    /^(fatal|error|remote|ssh|.*: (Permission|Host key)).*\w/i.test(line),
  );
  return (telling.length > 0 ? telling : lines.slice(-3)).join('; ').slice(-600);
}

function httpCredentials(remote: RemoteUrl, operator: NodeJS.ProcessEnv): Credentials | undefined {
  const { SWITCHYARD_GIT_USERNAME: username, SWITCHYARD_GIT_TOKEN: token } = operator;
  if (token === undefined || token === '') return remote.credentials;
  // The hosts that take a token as password ask for some user name, whichever.
  return { username: username || remote.credentials?.username || 'git', password: token };
}

/** A credential helper for this host alone, so that a redirect to another host is not followed with them. */
function credentialSettings(url: string): Setting[] {
  const answer = `printf 'username=%s\\npassword=%s\\n' "$SWITCHYARD_USERNAME" "$SWITCHYARD_PASSWORD"`;
  return [
    ['credential.helper', ''],
    [`credential.${new URL(url).origin}.helper`, `!f() { test "$1" = get && ${answer}; }; f`],
  ];
}

function sshCommand(operator: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const key = operator.SWITCHYARD_GIT_SSH_KEY;
  if (key === undefined || key === '') return {};
  const quoted = `'${key.replaceAll("'", `'\\''`)}'`;
  return { GIT_SSH_COMMAND: `${operator.GIT_SSH_COMMAND || 'ssh'} -i ${quoted} -o IdentitiesOnly=yes` };
}
