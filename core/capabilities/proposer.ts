import { defineCapability, type Ref } from '../plugin.ts';
import type { Actor, Proposal, Sign } from './forge.ts';

/** Makes proposals: what a person asks for by the command line and what a plugin asks for go the same way. */
export interface Proposer {
  /**
   * Writes the intent down, then opens, updates or supersedes a proposal, and goes on after a crash or while the forge
   * is away. Resolves once the intent is durable: `proposal` is there where the forge answered within `waitMs`.
   * The same intent again is the same proposal; labels that it lacks are put on, as by whoever asks. Throws `ProposalDeclined` where a person closed the same change before,
   * `TooManyProposals` above the limit an hour, `NothingToPropose` where the base already says it, and what is wrong
   * with an edit.
   */
  propose(intent: Intent, options?: ProposeOptions): Promise<Proposed>;
  /** The newest proposal with that key, in whatever state; undefined where there was none. Throws what the forge throws. */
  latest(key: string): Promise<Proposal | undefined>;
}

export interface ProposeOptions {
  /** How long to wait for the forge, in milliseconds. Default 10,000. */
  readonly waitMs?: number;
  /** What is to be signed is never opened without: it then waits for somebody who can sign and proposes the same again. */
  readonly sign?: Sign;
  /** A person asks, here and now: what a person closed before is opened again. Default false. */
  readonly byHand?: boolean;
}

/** A change that is wanted, in words that can be kept on disk and applied anew to a base that moved. */
export interface Intent {
  /** One open proposal each: `version:Deployment/production/bird-strike`. A newer intent supersedes. */
  readonly key: string;
  readonly type: ChangeType;
  /** Imperative, without a final point: `Promote bird-strike 1.1.0 to production`. */
  readonly title: string;
  readonly files: readonly FileEdit[];
  /** Why, and with which evidence: markdown that goes first in the body. */
  readonly reason?: string;
  /** Machine-readable trailers of the commit: `Switchyard-Model: bird-strike`. */
  readonly trailers: Readonly<Record<string, string>>;
  readonly author: Actor & { readonly email: string };
  readonly labels?: readonly string[];
}

export type ChangeType =
  | 'promote'
  | 'rollback'
  | 'quarantine'
  | 'retire'
  | 'register'
  | 'merge-lines'
  | 'propose';

/** What happens to one file. Values of YAML are set so that comments, order and quoting stay. */
export type FileEdit =
  | {
      readonly path: string;
      readonly edits: readonly YamlEdit[];
      /** Whose document of the file is meant; needed where it holds several. */
      readonly ref?: Ref;
    }
  /** Content in base64: text and bytes alike. */
  | { readonly path: string; readonly content: string }
  | { readonly path: string; readonly remove: true };

/** An edit by JSON pointer, as `libraries/yaml-edit` takes it. `expected`: refuse where the value is another (`EditRefused`). */
export type YamlEdit =
  | { readonly op: 'set'; readonly pointer: string; readonly value: unknown; readonly expected?: unknown }
  | { readonly op: 'append'; readonly pointer: string; readonly value: unknown }
  | {
      readonly op: 'insert';
      readonly pointer: string;
      readonly value: unknown;
      readonly before?: string;
      readonly after?: string;
    }
  | { readonly op: 'remove'; readonly pointer: string };

export type Proposed =
  | {
      readonly state: 'open';
      readonly proposal: Proposal;
      readonly isNew: boolean;
      /** What had to be done: a proposal opened, an open one given a newer commit or labels, or nothing. */
      readonly done: 'opened' | 'updated' | 'labelled' | 'nothing';
    }
  /** The forge is away or asks to wait: the intent is on disk and goes on by itself. */
  | { readonly state: 'queued'; readonly reason: string };

export const proposer = defineCapability<Proposer>('proposer');
