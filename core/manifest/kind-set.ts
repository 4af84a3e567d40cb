import type { Finding, KindDefinition, Ref } from '../plugin.ts';
import type { JsonValue } from './json.ts';
import { PathTemplate } from './path-template.ts';
import { compileSchema } from './schema-findings.ts';

/** The kinds by name, as the kernel holds them, or in a list. */
export type Kinds = ReadonlyMap<string, KindDefinition> | readonly KindDefinition[];

export interface CompiledKind {
  readonly definition: KindDefinition;
  readonly template: PathTemplate;
  /** Judges a whole document by the kind's schema. */
  readonly check: (document: JsonValue) => readonly Finding[];
}

/** The kinds that a snapshot is read with. */
export class KindSet {
  readonly #byName = new Map<string, CompiledKind>();
  readonly #templates: readonly PathTemplate[];
  readonly #roots: ReadonlySet<string>;

  constructor(definitions: Iterable<KindDefinition>) {
    for (const definition of definitions) this.#byName.set(definition.kind, compileKind(definition));
    this.#templates = [...this.#byName.values()]
      .map(({ template }) => template)
      .sort((a, b) => b.weight - a.weight);
    this.#roots = new Set(this.#templates.map(({ root }) => root));
  }

  get(kind: string): CompiledKind | undefined {
    return this.#byName.get(kind);
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** Whether manifests are expected there: the file, or a folder around it, belongs to a kind by convention. */
  isConventional(path: string): boolean {
    const slash = path.indexOf('/');
    return this.#roots.has(slash < 0 ? path.replace(/\.yml$/, '.yaml') : path.slice(0, slash + 1));
  }

  /** Whether a folder of this name at the root holds manifests by convention. */
  isConventionalFolder(name: string): boolean {
    return this.#roots.has(`${name}/`);
  }

  /** The resource that a file which cannot be read would hold, by its path. */
  guess(path: string): Ref | undefined {
    for (const template of this.#templates) {
      const ref = template.guess(path);
      if (ref !== undefined) return ref;
    }
    return undefined;
  }

  /** Whether these are the very same definitions: what was read with the one holds for the other. */
  isSameAs(other: KindSet): boolean {
    if (other === this) return true;
    if (other.#byName.size !== this.#byName.size) return false;
    for (const [name, kind] of this.#byName) if (other.#byName.get(name) !== kind) return false;
    return true;
  }
}

/** Compiles kinds; each definition once. Schemas are compiled when a first document asks for them. */
export function compileKinds(kinds: Kinds): KindSet {
  return new KindSet(kinds.values());
}

const compiled = new WeakMap<KindDefinition, CompiledKind>();

function compileKind(definition: KindDefinition): CompiledKind {
  const known = compiled.get(definition);
  if (known) return known;
  const kind = {
    definition,
    template: new PathTemplate(definition),
    check: compileSchema(definition),
  };
  compiled.set(definition, kind);
  return kind;
}
