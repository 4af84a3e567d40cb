import type { Registry } from '../../core/capabilities/registry.ts';
import type { Ref, Resource, Status } from '../../core/plugin.ts';

/** The resources that there are, and how they are: what rules look at. */
export class World {
  readonly #registry: Pick<Registry, 'applied' | 'examine' | 'status'>;
  #resources: ReadonlyMap<Ref, Resource> = new Map();
  #refs = new Map<string, Set<Ref>>();
  #commit: string | null = null;

  constructor(registry: Pick<Registry, 'applied' | 'examine' | 'status'>) {
    this.#registry = registry;
  }

  /** Reads what is applied now. Whether that is another commit than before. */
  async read(): Promise<boolean> {
    const commit = this.#registry.applied();
    if (commit === null || commit === this.#commit) return false;
    const { resources, issues } = await this.#registry.examine(commit);
    const all = new Map(resources);
    const refs = new Map<string, Set<Ref>>();
    const add = (ref: Ref) => {
      const kind = ref.slice(0, ref.indexOf('/'));
      const own = refs.get(kind) ?? new Set();
      refs.set(kind, own.add(ref));
    };
    for (const ref of all.keys()) add(ref);
    // A broken document keeps its last good version, or is known by its name alone.
    for (const { ref } of issues) {
      if (ref === undefined || all.has(ref)) continue;
      add(ref);
      const kept = this.#resources.get(ref);
      if (kept !== undefined) all.set(ref, kept);
    }
    this.#resources = all;
    this.#refs = refs;
    this.#commit = commit;
    return true;
  }

  /** Whether anything was read yet: before that, that something is not there says nothing. */
  get isRead(): boolean {
    return this.#commit !== null;
  }

  has(ref: Ref): boolean {
    return this.#refs.get(ref.slice(0, ref.indexOf('/')))?.has(ref) ?? false;
  }

  ofKinds(kinds: readonly string[]): readonly Ref[] {
    return kinds.flatMap((kind) => [...(this.#refs.get(kind) ?? [])]);
  }

  resource(ref: Ref): Resource | undefined {
    return this.#resources.get(ref);
  }

  status(ref: Ref): Status | undefined {
    return this.#registry.status(ref);
  }
}
