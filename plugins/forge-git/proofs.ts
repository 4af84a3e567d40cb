import type { Proof } from '../../core/capabilities/forge.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import { hasSignature } from './event.ts';

/** Reads what shows that somebody said something: the bytes of the commit that says it, where it is signed. */
export class Proofs {
  readonly #repository: Repository;
  readonly #kept = new Map<string, Uint8Array>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /**
   * `isHere`: whether what was said, was said on this base. Somebody could copy a whole proposal, with its signatures, from
   * a registry that was cloned from this one: the base that a signature names then stands on no base of ours.
   */
  async of(commit: string, isSigned: boolean, isHere: boolean): Promise<Proof> {
    if (!isSigned || !isHere) return { type: 'none' };
    return { type: 'signature', object: await this.#read(commit) };
  }

  async ofCommit(commit: string): Promise<Proof> {
    const bytes = await this.#repository.rawCommit(commit);
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return hasSignature(raw) ? { type: 'signature', object: bytes } : { type: 'none' };
  }

  async #read(commit: string): Promise<Uint8Array> {
    const kept = this.#kept.get(commit);
    if (kept !== undefined) return kept;
    const bytes = await this.#repository.rawCommit(commit);
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(commit, bytes);
    return bytes;
  }
}

const maxKept = 10_000;
