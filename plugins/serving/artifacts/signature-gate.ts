/** Verifies the signatures that environments ask for, before a version is given to inference processes. */
import type { ArtifactStore } from '../../../core/capabilities/artifact-store.ts';
import type { VersionToServe } from '../../../core/capabilities/serving-runtime.ts';
import { type Logger, messageOf, type Providers } from '../../../core/plugin.ts';
import { ModelSigningError, verifyArtifact } from '../../../libraries/model-signing/index.ts';
import { type FetchState, fetchFailure } from './artifact-fetcher.ts';

export interface SignatureGateOptions {
  readonly stores: Providers<ArtifactStore>;
  readonly log: Logger;
  /** Something is known about a version with this digest. */
  readonly onChange: (digest: string) => void;
}

/** Far more than the bundle of a folder with ten thousand files. */
const largestBundle = 4 * 1024 ** 2;
const retryMs = 30_000;
/** Verdicts that are remembered. */
const most = 1_000;

type Verdict = Exclude<FetchState, { readonly phase: 'fetched' }> | 'verified';

export class SignatureGate {
  readonly #options: SignatureGateOptions;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #closing = new AbortController();

  constructor(options: SignatureGateOptions) {
    this.#options = options;
  }

  /** Why a version may not be loaded, or not yet; undefined where it may. Looks after it where it is not known. */
  refusal(version: VersionToServe): Exclude<FetchState, { readonly phase: 'fetched' }> | undefined {
    const { signed } = version;
    if (signed === undefined) return undefined;
    if (signed.bundle === undefined)
      return failed('ArtifactUnsigned', `${signed.by} asks for a signature, and it has none`);
    const key = keyOf(version);
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known === 'verified' ? undefined : known;
    const waiting: Verdict = {
      phase: 'fetching',
      reason: 'VerifyingSignature',
      message: 'the signature is being verified',
    };
    this.#remember(key, waiting);
    void this.#verify(version, key);
    return waiting;
  }

  close(): void {
    this.#closing.abort(new Error('the platform stops'));
  }

  async #verify(version: VersionToServe, key: string): Promise<void> {
    const { artifact, resource, signed } = version;
    const { signal } = this.#closing;
    try {
      const text = await this.#read(version, signal);
      const { signer } = verifyArtifact(
        text,
        { digest: artifact.digest, path: signed?.bundle?.path },
        signed ?? {},
      );
      this.#options.log.info({ ref: resource.ref, signer }, 'signature verified');
      this.#remember(key, 'verified');
    } catch (error) {
      if (signal.aborted) return;
      const verdict = verdictOf(error, signed?.by ?? '');
      this.#options.log.warn(
        { ref: resource.ref, reason: verdict.reason, error: verdict.message },
        'the signature of a version does not hold',
      );
      this.#remember(key, verdict);
      if (verdict.retryable) setTimeout(() => this.#again(version, key), retryMs).unref();
    }
    this.#options.onChange(artifact.digest);
  }

  /** Whoever still wants the version asks anew when told. */
  #again({ artifact }: VersionToServe, key: string): void {
    this.#verdicts.delete(key);
    if (!this.#closing.signal.aborted) this.#options.onChange(artifact.digest);
  }

  async #read({ resource, signed }: VersionToServe, signal: AbortSignal): Promise<string> {
    const uri = signed?.bundle?.uri ?? '';
    const store = this.#options.stores.get(/^([a-z][a-z0-9+.-]*):/.exec(uri)?.[1] ?? 'file');
    const pieces: Uint8Array[] = [];
    const { body } = await store.open({ uri, resource, maxBytes: largestBundle, signal });
    for await (const piece of body) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  }

  #remember(key: string, verdict: Verdict): void {
    this.#verdicts.delete(key);
    this.#verdicts.set(key, verdict);
    if (this.#verdicts.size > most) this.#verdicts.delete(this.#verdicts.keys().next().value!);
  }
}

/** The same artifact with the same bundle under the same trust has the same verdict. */
function keyOf({ artifact, resource, signed }: VersionToServe): string {
  return JSON.stringify([resource.attachments.map(({ blob }) => blob), artifact.digest, signed]);
}

function verdictOf(error: unknown, by: string) {
  if (error instanceof ModelSigningError)
    return failed(error.problem, `its signature does not hold in ${by}: ${error.message}`);
  const { reason, retryable } = fetchFailure(error);
  return { ...failed(reason, `its signature cannot be read: ${messageOf(error)}`), retryable };
}

function failed(reason: string, message: string) {
  return { phase: 'failed', reason, message, retryable: false } as const;
}
