import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ListedProposal, ShownProposal } from '../../plugins/proposals/proposals.ts';
import type { Account } from '../fixtures/forges/hosted-repository.ts';
import { author, reviewer } from '../fixtures/forges/hosted-subject.ts';
import { type GitHttpServer, startGitHttpServer } from '../fixtures/git-http-server.ts';
import { type Environment, type ForgeName, type ForgePlace, openPlace } from './forge-places.ts';
import { type Platform, Yard } from './yard.ts';

const run = promisify(execFile);

/** What a proposal must meet in this yard. */
export interface Demands {
  /** How long a version serves in staging before production takes it: `15s`. */
  readonly soak: string;
}

/**
 * A registry on a Git server, its proposals on a forge, a platform that follows both, and two people with clones and keys of
 * their own.
 */
export class ReviewedYard {
  readonly yard: Yard;
  readonly forge: ForgePlace;
  readonly platform: Platform;
  /** Asks for changes. */
  readonly ada: Colleague;
  /** Reviews them. */
  readonly grace: Colleague;
  /** The bare repository on the server. */
  readonly bare: string;
  readonly #server: GitHttpServer;

  private constructor(
    parts: Pick<ReviewedYard, 'yard' | 'forge' | 'platform' | 'ada' | 'grace' | 'bare'>,
    server: GitHttpServer,
  ) {
    this.yard = parts.yard;
    this.forge = parts.forge;
    this.platform = parts.platform;
    this.ada = parts.ada;
    this.grace = parts.grace;
    this.bare = parts.bare;
    this.#server = server;
  }

  static async open(name: ForgeName, demands: Demands): Promise<ReviewedYard> {
    const yard = await Yard.open();
    const keys = { ada: await makeKey(yard, author), grace: await makeKey(yard, reviewer) };
    await commitHouseRules(yard, name, demands, keys);
    const bare = join(yard.folder, 'served', 'acme', 'registry.git');
    await yard.git('clone', '-q', '--bare', yard.registry, bare);
    const server = await startGitHttpServer({ root: join(yard.folder, 'served') });
    const url = `${server.url}/acme/registry.git`;
    const forge = await openPlace(name, bare);
    const platform = await yard.up(url, ['--interval', '1s'], forge.operator);
    const joining = (who: Account, key: string) =>
      Colleague.join(yard, who, { url, key, credentials: forge.credentials(who) });
    const ada = await joining(author, keys.ada);
    const grace = await joining(reviewer, keys.grace);
    return new ReviewedYard({ yard, forge, platform, ada, grace, bare }, server);
  }

  /** The proposal with what the platform makes of it, as soon as that has ended and is as it should be. */
  async judged(number: number, isSo: (shown: Judged) => boolean = () => true): Promise<Judged> {
    let found: Judged | undefined;
    await this.platform.until(`proposal ${number} is judged`, async () => {
      const { items } = await this.platform.get<{ items: readonly ListedProposal[] }>(`${route}?state=open`);
      const listed = items.find(({ proposal }) => proposal.number === number);
      if (listed === undefined || (listed.verdict?.state ?? 'pending') === 'pending') return false;
      const shown = await this.platform.get<ShownProposal>(`${route}/${number}`);
      if (!isJudged(shown) || !isSo(shown)) return false;
      found = shown;
      return true;
    });
    if (found === undefined) throw new Error('never');
    return found;
  }

  /** Asks the platform to merge it, for Ada. */
  async merge(
    number: number,
  ): Promise<{ readonly status: number; readonly commit?: string; readonly message?: string }> {
    const response = await fetch(`${this.platform.run.api}${route}/${number}/merge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: { name: author.name, email: author.email } }),
      signal: AbortSignal.timeout(60_000),
    });
    const body = (await response.json()) as { commit?: string; error?: { code: string; message: string } };
    const { commit, error } = body;
    return {
      status: response.status,
      ...(commit === undefined ? {} : { commit }),
      ...(error === undefined ? {} : { message: `${error.code}: ${error.message}` }),
    };
  }

  /** Grace approves the newest state of a proposal, in the way that people do it on this forge. */
  async approve(number: number, head: string): Promise<void> {
    if (this.forge.approve !== undefined) return this.forge.approve(number, head);
    await this.grace.update();
    await this.grace.does('review', String(number), '--approve', '--head', head);
    await this.grace.share();
  }

  async close(): Promise<void> {
    await this.yard.close();
    await this.forge.close();
    await this.#server.close();
  }
}

const route = '/plugins/proposals/proposals';

export type Judged = ShownProposal & { readonly judgement: NonNullable<ShownProposal['judgement']> };

function isJudged(shown: ShownProposal): shown is Judged {
  return shown.judgement !== null && shown.judgement.verdict.state !== 'pending';
}

interface Desk {
  readonly url: string;
  readonly key: string;
  readonly credentials: Environment;
}

/** A person with a clone, and a Git that signs with their own key. */
export class Colleague {
  readonly clone: string;
  readonly #yard: Yard;
  readonly #environment: Environment;
  readonly #isEmbedded: boolean;

  private constructor(yard: Yard, home: string, credentials: Environment) {
    this.#yard = yard;
    this.clone = join(home, 'registry');
    this.#environment = { HOME: home, ...credentials };
    this.#isEmbedded = Object.keys(credentials).length === 0;
  }

  static async join(
    yard: Yard,
    { login, name, email }: Account,
    { url, key, credentials }: Desk,
  ): Promise<Colleague> {
    const home = join(yard.folder, `home-of-${login}`);
    await mkdir(home);
    await writeFile(
      join(home, '.gitconfig'),
      `[user]\n\tname = ${name}\n\temail = ${email}\n\tsigningKey = ${key}\n[gpg]\n\tformat = ssh\n[gpg "ssh"]\n\tallowedSignersFile = ${allowedSigners(yard)}\n`,
    );
    const colleague = new Colleague(yard, home, credentials);
    await colleague.#git('clone', '-q', url, colleague.clone);
    return colleague;
  }

  /** Runs a verb in the clone; it must end well. Answers what it printed. */
  async does(...words: string[]): Promise<string> {
    const { status, out, err } = await this.#yard.switchyard(
      [...words, '--repo', this.clone],
      this.#environment,
    );
    if (status !== 0) throw new Error(`switchyard ${words.join(' ')} ended with ${status}:\n${err}${out}`);
    return out;
  }

  /** Brings what others did into the clone. */
  async update(): Promise<void> {
    await this.git('pull', '-q', '--ff-only');
    if (this.#isEmbedded) await this.does('proposals', 'fetch');
  }

  /** Sends what was proposed or reviewed in the clone; a forge with a server has it already. */
  async share(): Promise<void> {
    if (this.#isEmbedded) await this.does('proposals', 'push');
  }

  git(...words: string[]): Promise<string> {
    return this.#git('-C', this.clone, ...words);
  }

  async #git(...words: string[]): Promise<string> {
    const { stdout } = await run('git', words, { env: { ...process.env, ...this.#environment } });
    return stdout.trim();
  }
}

/** An SSH key of their own, which Git's own verification is told of, too. Answers its file. */
async function makeKey(yard: Yard, { login, email }: Account): Promise<string> {
  const file = join(yard.folder, `key-of-${login}`);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', login, '-f', file]);
  await appendFile(allowedSigners(yard), `${email} ${await readFile(`${file}.pub`, 'utf8')}`);
  return file;
}

function allowedSigners(yard: Yard): string {
  return join(yard.folder, 'allowed-signers');
}

/** Puts the two people in place of the template's, and rules that can be met within a test in place of its own. */
async function commitHouseRules(
  yard: Yard,
  forge: ForgeName,
  { soak }: Demands,
  keys: Readonly<Record<'ada' | 'grace', string>>,
): Promise<void> {
  for (const folder of ['teams', 'policies', 'policy-tests'])
    await rm(join(yard.registry, folder), { recursive: true });
  const memberOf = async ({ login, name, email }: Account, key: string) => `
    - name: ${name}
      emails: [${email}]
      accounts: { github: ${login}, gitlab: ${login}, gitea: ${login} }
      signingKeys: [{ ssh: ${(await readFile(`${key}.pub`, 'utf8')).trim()} }]`;
  await write(
    yard,
    'teams/flight.yaml',
    `apiVersion: switchyard/v1
kind: Team
metadata: { name: flight }
spec:
  members:${await memberOf(author, keys.ada)}${await memberOf(reviewer, keys.grace)}
`,
  );
  await write(
    yard,
    'policies/flight.yaml',
    `apiVersion: switchyard/v1
kind: Policy
metadata: { name: flight }
spec:
  rules:
    - name: checked
      when: change.type != "rollback"
      checks: { pass: ['*'] }
    - name: way-back
      when: change.type == "rollback"
      checks: { pass: [artifact, golden-examples, signature] }
    - name: seen-by-another
      when: change.environment in ["staging", "production"]
      approvals: { count: 1, from: { teams: [flight] } }
    - name: soaked
      when: change.environment == "production"
      promotionPath: true
      soak: { for: ${soak} }
`,
  );
  const platform = await readFile(join(yard.registry, 'platform.yaml'), 'utf8');
  await write(
    yard,
    'platform.yaml',
    platform
      .replace('name: forge-git', `name: forge-${forge}`)
      .replaceAll('forge: git', `forge: ${forge}`)
      .replace('maxPerHour: 20', 'maxPerHour: 20, poll: 1s'),
  );
  await yard.git('add', '-A');
  await yard.git('commit', '-q', '-m', 'Say who we are and what we ask for');
}

async function write(yard: Yard, path: string, text: string): Promise<void> {
  const file = join(yard.registry, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
}
