import { randomBytes } from 'node:crypto';
import type { ToldLabel, ToldLabels } from '../../../../libraries/prediction-batch/index.ts';
import { feedbackNotKept } from '../errors/feedback-errors.ts';
import { putIntoInbox } from './inbox.ts';

interface Waiting {
  readonly told: ToldLabels;
  resolve(): void;
  reject(error: Error): void;
}

/** Labels that may wait at once. */
const mostWaiting = 100_000;

/** Hands labels in. What comes while a file is written goes into the next one together. */
export class Told {
  #waiting: Waiting[] = [];
  #labels = 0;
  #isWriting = false;

  /** Resolves once the labels survive this process. Rejects with `FeedbackNotKept`. */
  hand(inbox: string, environment: string, deployment: string, labels: readonly ToldLabel[]): Promise<void> {
    if (this.#labels + labels.length > mostWaiting) return Promise.reject(feedbackNotKept('too much waits'));
    this.#labels += labels.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        told: { environment, deployment, received: Date.now(), labels },
        resolve,
        reject,
      });
      if (!this.#isWriting) void this.#write(inbox);
    });
  }

  async #write(inbox: string): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const together = this.#waiting;
      this.#waiting = [];
      this.#labels = 0;
      const order = String(Date.now()).padStart(14, '0');
      const name = `${order}-${randomBytes(6).toString('hex')}-${process.pid}.told`;
      const bytes = Buffer.from(JSON.stringify(together.map(({ told }) => told)));
      try {
        await putIntoInbox(inbox, name, [bytes]);
        for (const { resolve } of together) resolve();
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        for (const { reject } of together) reject(feedbackNotKept(code));
      }
    }
    this.#isWriting = false;
  }
}
