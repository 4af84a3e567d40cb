/** What is known of the bucket, so that nobody must be asked to begin: its objects, and which of them are to be removed. */
import { readFile } from 'node:fs/promises';
import { writeDurably } from '../../../../libraries/durable-file/index.ts';

export interface CataloguedObject {
  readonly bytes: number;
  readonly rows: number;
  /** Hexadecimal; absent where another machine put it there. */
  readonly sha256?: string;
}

interface Kept {
  readonly objects: Readonly<Record<string, CataloguedObject>>;
  readonly gone: readonly string[];
  readonly damaged: readonly string[];
}

/** By the names of files below `store/`, with slashes. */
export class Catalogue {
  readonly #path: string;
  readonly #objects: Map<string, CataloguedObject>;
  readonly #gone: Set<string>;
  readonly #damaged: Set<string>;
  #isDirty = false;

  private constructor(path: string, { objects, gone, damaged }: Kept) {
    this.#path = path;
    this.#objects = new Map(Object.entries(objects));
    this.#gone = new Set(gone);
    this.#damaged = new Set(damaged);
  }

  /** One that is lost or broken is begun anew: the bucket says what it holds. */
  static async open(path: string): Promise<Catalogue> {
    try {
      return new Catalogue(path, JSON.parse(await readFile(path, 'utf8')) as Kept);
    } catch {
      return new Catalogue(path, { objects: {}, gone: [], damaged: [] });
    }
  }

  get objects(): ReadonlyMap<string, CataloguedObject> {
    return this.#objects;
  }

  /** To be removed from the bucket. */
  get gone(): ReadonlySet<string> {
    return this.#gone;
  }

  /** In the bucket, and not what was put there: never touched again. */
  get damaged(): ReadonlySet<string> {
    return this.#damaged;
  }

  add(name: string, object: CataloguedObject): void {
    this.#objects.set(name, object);
    this.#isDirty = true;
  }

  markGone(name: string): void {
    this.#objects.delete(name);
    this.#gone.add(name);
    this.#isDirty = true;
  }

  markDamaged(name: string): void {
    this.#objects.delete(name);
    this.#damaged.add(name);
    this.#isDirty = true;
  }

  /** It is not in the bucket. */
  forget(name: string): void {
    this.#objects.delete(name);
    this.#gone.delete(name);
    this.#isDirty = true;
  }

  async save(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const kept: Kept = {
      objects: Object.fromEntries(this.#objects),
      gone: [...this.#gone],
      damaged: [...this.#damaged],
    };
    await writeDurably(this.#path, `${JSON.stringify(kept)}\n`).catch((error: unknown) => {
      this.#isDirty = true;
      throw error;
    });
  }
}
