import { resolve } from 'node:path';
import { type ArtifactStore, artifactStore } from '../../core/capabilities/artifact-store.ts';
import { type Forge, forge as forgeCapability } from '../../core/capabilities/forge.ts';
import { gate } from '../../core/capabilities/gate.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { Logger, Providers } from '../../core/plugin.ts';
import { notARepository } from '../../libraries/git/errors.ts';
import { openRepository } from '../../libraries/git/open-repository.ts';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import { createProposals } from '../../plugins/proposals/engine.ts';
import type { Proposals } from '../../plugins/proposals/proposals.ts';
import { type ProposalSettings, proposalSettings } from '../../plugins/proposals/settings.ts';
import { cloneRemote } from '../offline/clone-remote.ts';
import { openOfflinePlatform } from '../offline/offline-platform.ts';
import { findRegistry } from '../registry-folder.ts';
import { operatorFile, pluginSettings, registryPlugins } from '../registry-kinds.ts';
import type { Terminal } from '../terminal.ts';
import { proposalsNotHere, referenceUnknown } from './errors.ts';

/** The options that every verb of proposals takes. */
export interface ProposingOptions {
  /** The registry: a folder in a clone of it. */
  readonly repo: string;
  /** The branch that the platform runs from. */
  readonly reference?: string;
  readonly config?: string;
}

/** What the verbs of proposals work with. */
export interface Proposing {
  readonly proposals: Proposals;
  readonly forge: Forge;
  /** The name of the forge's provider: `git`. */
  readonly forgeName: string;
  readonly registry: Registry;
  readonly repository: OpenedRepository;
  /** Where the bytes of artifacts are, by the scheme of their URI. */
  readonly artifacts: Providers<ArtifactStore>;
  /** The top folder of the clone. */
  readonly root: string;
  /** What the base branch says now. */
  readonly base: string;
  /** What the plugin `proposals` keeps beside the clone. */
  readonly folder: string;
}

/**
 * Opens the proposals of a clone, does some work with them, and closes all again. The same code as on a server judges
 * here: plugins are those that the base branch names, with the operator's settings. Throws `NotARepository`,
 * `ReferenceUnknown`, `ProposalsNotHere` and what a plugin throws in its setup.
 */
export async function withProposals<Result>(
  options: ProposingOptions,
  terminal: Terminal,
  work: (proposing: Proposing) => Promise<Result>,
): Promise<Result> {
  const root = await findRegistry(resolve(terminal.folder, options.repo));
  if (root === undefined) {
    throw notARepository(options.repo, 'neither it nor a folder above it holds one');
  }
  const repository = await openRepository(root, { environment: terminal.environment });
  try {
    const { reference, base } = await baseOf(repository, options.reference, terminal, root);
    const file = operatorFile(options, terminal);
    const plugins = await registryPlugins({ root, repository, commit: base, operatorFile: file });
    const settings = file === undefined ? {} : await pluginSettings(file);
    const log = warningsTo(terminal);
    const remote = await cloneRemote(root, terminal.environment);
    const platform = await openOfflinePlatform({
      repository,
      reference,
      plugins,
      settings: (plugin) => settings[plugin] ?? {},
      log,
      remote,
      root,
    });
    try {
      const declared = platform.optionsOf('proposals');
      if (declared === undefined) throw proposalsNotHere(root);
      const named = typeof declared.forge === 'string' ? declared.forge : 'git';
      const forge = platform.providers(forgeCapability).get(named);
      const folder = await platform.folderOf('proposals');
      const proposals = await createProposals({
        registry: platform.registry,
        forge,
        forgeName: named,
        checks: platform.providers(proposalCheck),
        gates: platform.providers(gate),
        folder,
        log,
        now: Date.now,
        settings: proposalSettings(declared as Partial<ProposalSettings>),
      });
      try {
        const artifacts = platform.providers(artifactStore);
        return await work({
          proposals,
          forge,
          forgeName: named,
          registry: platform.registry,
          repository,
          artifacts,
          root,
          base,
          folder,
        });
      } finally {
        await proposals.stop();
      }
    } finally {
      await platform.close();
    }
  } finally {
    await repository.close();
  }
}

/**
 * The branch that proposals want to change: the one that was named, by the flag or SWITCHYARD_REFERENCE; else `main`,
 * else the one that is checked out.
 */
async function baseOf(
  repository: OpenedRepository,
  named: string | undefined,
  { environment }: Terminal,
  root: string,
): Promise<{ reference: string; base: string }> {
  const wanted = named ?? environment.SWITCHYARD_REFERENCE;
  const candidates = wanted
    ? [wanted.startsWith('refs/') ? wanted : `refs/heads/${wanted}`]
    : ['refs/heads/main', await repository.headReference()];
  for (const reference of candidates) {
    const base = await repository.resolve(reference);
    if (base !== undefined) return { reference, base };
  }
  throw referenceUnknown(candidates[0] ?? 'refs/heads/main', root);
}

/** Warnings of plugins go to standard error; all else is silent. */
function warningsTo(terminal: Terminal): Logger {
  const tell = (facts: object, message: string) => {
    const { error } = facts as { readonly error?: unknown };
    terminal.err(
      `${terminal.errColours.yellow('!')} ${message}${error === undefined ? '' : `: ${String(error)}`}\n`,
    );
  };
  return { debug() {}, info() {}, warn: tell, error: tell };
}
