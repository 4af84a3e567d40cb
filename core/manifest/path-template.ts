import { type KindDefinition, type Ref, refOf } from '../plugin.ts';

/** Where manifests of one kind live by convention: `environments/{environment}/{name}.yaml`. */
export class PathTemplate {
  /** The folder that begins it, with its slash (`environments/`), or the whole path where it names one file. */
  readonly root: string;
  readonly #kind: KindDefinition;
  readonly #pattern: RegExp;
  readonly #names: readonly string[];

  constructor(kind: KindDefinition) {
    const { path } = kind;
    const slash = path.indexOf('/');
    this.root = slash < 0 ? path : path.slice(0, slash + 1);
    this.#kind = kind;
    this.#names = [...path.matchAll(placeholder)].map((match) => match[1] ?? '');
    const literals = path.split(/\{\w+\}/).map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const source = literals.join('([^/]+)').replace(/\\\.ya?ml$/, '\\.ya?ml');
    this.#pattern = new RegExp(`^${source}$`);
  }

  /** What a path says about the manifest in it (`environment` is `production`, `name` is `fraud`), if it fits. */
  read(path: string): ReadonlyMap<string, string> | undefined {
    const match = this.#pattern.exec(path);
    if (!match) return undefined;
    const fields = new Map<string, string>();
    for (const [index, name] of this.#names.entries()) fields.set(name, match[index + 1] ?? '');
    return fields;
  }

  /** The resource that a file at this path would hold: a guess for a file that cannot be read. */
  guess(path: string): Ref | undefined {
    const fields = this.read(path);
    const name = fields?.get('name');
    if (name === undefined) return undefined;
    const { kind, scope } = this.#kind;
    if (scope === undefined) return refOf(kind, name);
    const within = fields?.get(scope);
    return within === undefined ? undefined : refOf(kind, name, within);
  }

  /** How specific it is: more literal text first, so that `environments/x/environment.yaml` is not a Deployment. */
  get weight(): number {
    return this.#kind.path.replaceAll(placeholder, '').length;
  }
}

const placeholder = /\{(\w+)\}/g;
