/** The credentials of the bucket, as this process knows them: told to the log's process, which has no environment of its own. */
import { messageOf } from '../../core/plugin.ts';
import type { Credentials } from '../../libraries/object-storage/index.ts';
import type { GivenCredentials } from './store/messages.ts';

const readEveryMs = 60_000;
/** A Secret may come into the registry later than the log begins. */
const readAgainMs = 2_000;

export class BucketKeys {
  readonly #read: () => Promise<Credentials>;
  readonly #tell: (credentials: GivenCredentials) => void;
  #known: GivenCredentials = { problem: 'its credentials are not read yet' };
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(read: () => Promise<Credentials>, tell: (credentials: GivenCredentials) => void) {
    this.#read = read;
    this.#tell = tell;
  }

  get known(): GivenCredentials {
    return this.#known;
  }

  /** Reads them now, and again and again from then on: Secrets change. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.#known = await this.#read();
    } catch (error) {
      this.#known = { problem: `its credentials cannot be read: ${messageOf(error)}` };
    }
    if (this.#isStopped) return;
    this.#tell(this.#known);
    const pause = 'problem' in this.#known ? readAgainMs : readEveryMs;
    this.#timer = setTimeout(() => void this.look(), pause).unref();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
