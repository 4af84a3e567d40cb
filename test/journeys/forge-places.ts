import { setTimeout as wait } from 'node:timers/promises';
import { openRepository } from '../../libraries/git/open-repository.ts';
import { GitForge } from '../../plugins/forge-git/git-forge.ts';
import { startGiteaServer } from '../fixtures/forges/gitea-server.ts';
import { gitHubApp, startGitHubServer } from '../fixtures/forges/github-server.ts';
import { noteReview, startGitLabServer } from '../fixtures/forges/gitlab-server.ts';
import { type Account, HostedRepository, type PullState } from '../fixtures/forges/hosted-repository.ts';
import { accounts, app, bot, reviewer } from '../fixtures/forges/hosted-subject.ts';
import type { LoopbackForge } from '../fixtures/forges/loopback-forge.ts';

export type ForgeName = 'git' | 'github' | 'gitlab' | 'gitea';
export type Environment = Readonly<Record<string, string>>;

/** Where the repository `acme/registry` has its proposals, and what people do there. */
export interface ForgePlace {
  /** What the operator gives the platform. */
  readonly operator: Environment;
  /** What the command line of that person needs to speak in their name. */
  credentials(person: Account): Environment;
  /** The reviewer approves that head on the page of the proposal. Absent where people do it by the command line. */
  readonly approve?: (number: number, head: string) => Promise<void>;
  /** What the platform wrote below the proposal, a text for each comment. */
  comments(number: number): Promise<readonly string[]>;
  /** What stands on that head as `switchyard/gate`. */
  gate(number: number, head: string): Promise<'pass' | 'fail' | 'other'>;
  /** What was said against the published description of the forge. */
  violations(): readonly string[];
  close(): Promise<void>;
}

/** Opens the forge over a bare repository. */
export function openPlace(name: ForgeName, bare: string): Promise<ForgePlace> {
  return places[name](bare);
}

const path = { owner: 'acme', repo: 'registry' };

const places: Readonly<Record<ForgeName, (bare: string) => Promise<ForgePlace>>> = {
  async git(bare) {
    const repository = await openRepository(bare);
    const forge = new GitForge({ repository, base: 'refs/heads/main' });
    return {
      operator: {},
      credentials: () => ({}),
      comments: async (number) => (await forge.comments(number)).map(({ body }) => body),
      async gate(number, head) {
        const found = (await forge.checks(number, head)).find(({ name }) => name === 'gate');
        return found?.outcome === 'pass' || found?.outcome === 'fail' ? found.outcome : 'other';
      },
      violations: () => [],
      async close() {
        await forge.stop();
        await repository.close();
      },
    };
  },

  async github(bare) {
    const repository = new HostedRepository(bare, 'refs/pull', [...accounts, app]);
    const server = await startGitHubServer({ repository, ...path, app });
    return hosted(repository, server, {
      operator: {
        SWITCHYARD_GITHUB_API: server.url,
        SWITCHYARD_GITHUB_APP_ID: String(gitHubApp.appId),
        SWITCHYARD_GITHUB_APP_PRIVATE_KEY: server.privateKey,
      },
      credentials: ({ token }) => ({
        SWITCHYARD_GITHUB_API: server.url,
        SWITCHYARD_GITHUB_TOKEN: token,
      }),
    });
  },

  async gitlab(bare) {
    const repository = new HostedRepository(bare, 'refs/merge-requests', accounts);
    const server = await startGitLabServer({ repository, ...path });
    const credentials = ({ token }: Account) => ({
      SWITCHYARD_GITLAB_URL: server.host,
      SWITCHYARD_GITLAB_TOKEN: token,
    });
    return hosted(
      repository,
      server,
      { operator: credentials(bot), credentials },
      {
        // GitLab does not say which commit was approved: who approves a newer one may not have seen it yet.
        async approving(pull) {
          await wait(Math.max(0, Date.parse(pull.heads.at(-1)?.at ?? '') + 11_000 - Date.now()));
        },
        approved: (pull) => noteReview(repository, pull, reviewer, 'approve', ''),
      },
    );
  },

  async gitea(bare) {
    const repository = new HostedRepository(bare, 'refs/pull', accounts);
    const server = await startGiteaServer({ repository, ...path });
    const credentials = ({ token }: Account) => ({
      SWITCHYARD_GITEA_URL: server.host,
      SWITCHYARD_GITEA_TOKEN: token,
    });
    return hosted(repository, server, { operator: credentials(bot), credentials });
  },
};

interface Manners {
  approving?(pull: PullState): Promise<void>;
  approved?(pull: PullState): void;
}

function hosted(
  repository: HostedRepository,
  server: LoopbackForge,
  access: Pick<ForgePlace, 'operator' | 'credentials'>,
  manners: Manners = {},
): ForgePlace {
  const pullOf = (number: number) => {
    const pull = repository.pulls.get(number);
    if (pull === undefined) throw new Error(`there is no pull request ${number}`);
    return pull;
  };
  return {
    ...access,
    async approve(number, head) {
      const pull = pullOf(number);
      await manners.approving?.(pull);
      repository.review(pull, 'approve', head, '', reviewer);
      manners.approved?.(pull);
    },
    comments: async (number) =>
      pullOf(number)
        .notes.filter(({ isSystem }) => !isSystem)
        .map(({ body }) => body),
    async gate(_number, head) {
      const found = repository.statuses
        .filter(({ sha, name }) => sha === head && name === 'switchyard/gate')
        .at(-1);
      const run = found?.more.run as { readonly conclusion?: string } | undefined;
      const said = run === undefined ? found?.state : run.conclusion;
      return said === 'success' ? 'pass' : /^fail/.test(said ?? '') ? 'fail' : 'other';
    },
    violations: () => server.violations,
    close: () => server.close(),
  };
}
