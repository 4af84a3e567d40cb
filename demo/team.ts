import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runGit } from '../libraries/git/git-command.ts';
import { hasNativeGit } from '../libraries/git/open-repository.ts';
import { quickWalk } from './quick-walk.ts';
import { commitFiles } from './registry.ts';

const run = promisify(execFile);

/** Somebody with a name, an address and a signing key of their own, as Git's settings say. */
export interface Colleague {
  readonly name: string;
  /** What makes the command line theirs: their settings in place of those of whoever runs the demo. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Team {
  readonly ada: Colleague;
  readonly grace: Colleague;
  /** What production asks for, as it stands in the registry's policy. */
  readonly rule: readonly string[];
}

const people = [
  { name: 'Ada Example', email: 'ada@example.com' },
  { name: 'Grace Example', email: 'grace@example.com' },
] as const;

/** What of the tools that review needs this machine does not have. */
export async function missingTools(): Promise<readonly string[]> {
  const missing = (await hasNativeGit(process.env)) ? [] : ['git 2.38 or newer'];
  // Without a file it asks nothing and ends; where it is not there, it cannot be started at all.
  const asked = await run('ssh-keygen', ['-Y', 'check-novalidate']).catch(
    (error: NodeJS.ErrnoException) => error,
  );
  return 'code' in asked && asked.code === 'ENOENT' ? [...missing, 'ssh-keygen'] : missing;
}

/**
 * Gives the two people keys, puts them into the registry's teams, and has production ask for what can be met within a
 * demonstration: a day in staging and the minutes of a walk become seconds, and weekends count like other days.
 */
export async function assembleTeam(registry: string, folder: string): Promise<Team> {
  await mkdir(folder);
  const [ada, grace] = await Promise.all(people.map((person) => hire(person, folder)));
  if (ada === undefined || grace === undefined) throw new Error('two people are needed');
  const text = await readFile(join(registry, 'teams', 'aviation-safety.yaml'), 'utf8');
  await commitFiles(registry, 'Say who we are, and what production asks for', {
    'teams/aviation-safety.yaml': withKeys(text, [ada.publicKey, grace.publicKey]),
    'policies/promotion.yaml': policy,
    // They are cases of the template's policy.
    'policy-tests/promotion.yaml': null,
    ...(await quickWalk(registry)),
  });
  return { ada, grace, rule: policy.slice(policy.indexOf('    - name: production')).trimEnd().split('\n') };
}

const policy = `# yaml-language-server: $schema=../.switchyard/schemas/policy.schema.json
apiVersion: switchyard/v1
kind: Policy
metadata:
  name: promotion
spec:
  rules:
    - name: checks
      when: change.type != "rollback"
      checks: { pass: ['*'] }
    - name: production
      when: change.environment == "production"
      promotionPath: true   # the version has served in staging
      soak: { for: 5s }     # for a while; a day, where it is no demonstration
      approvals: { count: 1, from: { teams: [aviation-safety] } }   # and somebody else has approved
`;

async function hire(
  { name, email }: (typeof people)[number],
  folder: string,
): Promise<Colleague & { readonly publicKey: string }> {
  const own = join(folder, name.split(' ')[0]?.toLowerCase() ?? name);
  const key = `${own}-key`;
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', email, '-f', key]);
  const settings = `${own}.gitconfig`;
  await writeFile(
    settings,
    `[user]\n\tname = ${name}\n\temail = ${email}\n\tsigningKey = ${key}\n[gpg]\n\tformat = ssh\n`,
  );
  const publicKey = (await readFile(`${key}.pub`, 'utf8')).trim();
  // What the environment says goes before settings.
  const as = (role: string) => ({ [`GIT_${role}_NAME`]: name, [`GIT_${role}_EMAIL`]: email });
  const environment = { GIT_CONFIG_GLOBAL: settings, ...as('AUTHOR'), ...as('COMMITTER') };
  return { name, publicKey, environment };
}

/** The members of the template, each with the key that they sign with, in their order. */
function withKeys(team: string, keys: readonly string[]): string {
  let member = 0;
  return team.replaceAll(/^ {6}accounts: .*$/gm, (line) => {
    const key = keys[member++];
    return key === undefined ? line : `${line}\n      signingKeys: [{ ssh: ${key} }]`;
  });
}

/** Puts away what somebody changed in the work tree and did not commit. */
export async function tidy(registry: string): Promise<void> {
  for (const words of [
    ['checkout', '-q', '--', '.'],
    ['clean', '-fdq'],
  ]) {
    const { status, stderr } = await runGit(words, { cwd: registry, environment: process.env });
    if (status !== 0) throw new Error(stderr);
  }
}
