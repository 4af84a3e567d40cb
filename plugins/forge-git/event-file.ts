import type { CheckReport } from '../../core/capabilities/forge.ts';
import { codeOf } from '../../core/plugin.ts';
import type { Repository } from '../../libraries/git/repository.ts';

/** The file in each event's tree: the texts, whole, as they were given. */
export const eventFile = 'event.json';

export type EventFile =
  | {
      readonly event: 'opened' | 'updated';
      readonly title: string;
      readonly body: string;
      /** sha256 of the draft. */
      readonly draft: string;
      /** Tells two proposals apart that say the same in the same second. */
      readonly nonce?: string;
    }
  | { readonly event: 'commented'; readonly slot: string; readonly body: string }
  | { readonly event: 'checked'; readonly head: string; readonly checks: readonly CheckReport[] }
  | { readonly event: 'reviewed'; readonly body: string }
  | { readonly event: 'closed' | 'superseded'; readonly reason: string }
  | { readonly event: 'labelled' | 'merged' | 'joined' };

export function formatEventFile(content: EventFile): string {
  return `${JSON.stringify({ version: 1, ...content }, undefined, 2)}\n`;
}

/** Bytes of the largest one that is read or written. */
export const maxEventFile = 4 * 1024 * 1024;

/** Reads the files of events by their trees; `{}` where there is none or it cannot be read. They are kept: trees never change. */
export class EventFiles {
  readonly #repository: Repository;
  readonly #kept = new Map<string, Readonly<Record<string, unknown>>>();
  #size = 0;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  async read(trees: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const missing = [...new Set(trees)].filter((tree) => !this.#kept.has(tree));
    const fresh = new Map<string, Readonly<Record<string, unknown>>>();
    for (let start = 0; start < missing.length; start += atOnce) {
      for (const [tree, content] of await this.#readNew(missing.slice(start, start + atOnce)))
        fresh.set(tree, content);
    }
    return trees.map((tree) => fresh.get(tree) ?? this.#kept.get(tree) ?? {});
  }

  /** What was read of a tree, for the next process; undefined where it is long or was not read. */
  peek(tree: string): Readonly<Record<string, unknown>> | undefined {
    const content = this.#kept.get(tree);
    return typeof content?.body === 'string' && content.body.length < longBody ? content : undefined;
  }

  /** Takes what an earlier process read. */
  prime(tree: string, content: Readonly<Record<string, unknown>>): void {
    this.#keep(tree, content, String(content.body).length);
  }

  async #readNew(trees: readonly string[]): Promise<Map<string, Readonly<Record<string, unknown>>>> {
    const found = new Map<string, Readonly<Record<string, unknown>>>();
    const blobs = await Promise.all(
      trees.map(async (tree) => {
        const entries = await this.#repository.tree(tree).catch(noEntries);
        return entries.find(({ name, type }) => name === eventFile && type === 'blob')?.id;
      }),
    );
    const ids = blobs.filter((id) => id !== undefined);
    const texts = new Map<string, Uint8Array | undefined>();
    for await (const { id, bytes } of this.#repository.blobs(ids, maxEventFile)) texts.set(id, bytes);
    for (const [index, tree] of trees.entries()) {
      const bytes = texts.get(blobs[index] ?? '');
      const content = parse(bytes);
      found.set(tree, content);
      this.#keep(tree, content, bytes?.length ?? 0);
    }
    return found;
  }

  #keep(tree: string, content: Readonly<Record<string, unknown>>, size: number): void {
    this.#size += size;
    if (this.#size > maxKept) {
      this.#kept.clear();
      this.#size = size;
    }
    this.#kept.set(tree, content);
  }
}

/** A tree that is not there says nothing; anything else that fails is no answer. */
function noEntries(error: unknown): [] {
  if (codeOf(error) === 'ObjectMissing' || codeOf(error) === 'ObjectUnreadable') return [];
  throw error;
}

const atOnce = 1000;
const maxKept = 32 * 1024 * 1024;
/** Characters of a body that is not kept for the next process. */
const longBody = 8 * 1024;

function parse(bytes: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(Buffer.from(bytes ?? []).toString('utf8'));
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
