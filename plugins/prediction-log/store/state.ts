/** What the log knows beside its files: counters, and how long deployments want their predictions kept. */
import { readFile } from 'node:fs/promises';
import type { SinkStatus } from '../../../core/capabilities/prediction-sink.ts';
import { writeDurably } from '../../../libraries/durable-file/index.ts';

export interface DeploymentRules {
  /** Milliseconds. */
  readonly retain: number;
  readonly feedbackFor: number;
}

type Counts = SinkStatus['counts'];

export const defaultRules: DeploymentRules = { retain: 30 * 86_400_000, feedbackFor: 30 * 86_400_000 };

const noCounts: Counts = { lost: 0, discarded: 0, unreadable: 0, unknownLabels: 0, lateLabels: 0 };

export class LogState {
  readonly #path: string;
  #counts: { -readonly [Name in keyof Counts]: number };
  /** By `environment/deployment`; of those that are gone, what they said last. */
  #rules: Record<string, DeploymentRules>;
  #isDirty = false;

  private constructor(path: string, counts: Counts, rules: Record<string, DeploymentRules>) {
    this.#path = path;
    this.#counts = { ...noCounts, ...counts };
    this.#rules = rules;
  }

  /** A file that is lost or broken is begun anew. */
  static async open(path: string): Promise<LogState> {
    try {
      const { counts, rules } = JSON.parse(await readFile(path, 'utf8')) as {
        readonly counts: Counts;
        readonly rules: Record<string, DeploymentRules>;
      };
      return new LogState(path, counts, { ...rules });
    } catch {
      return new LogState(path, noCounts, {});
    }
  }

  get counts(): Counts {
    return { ...this.#counts };
  }

  count(what: keyof Counts, more: number): void {
    if (more === 0) return;
    this.#counts[what] += more;
    this.#isDirty = true;
  }

  rulesOf({
    environment,
    deployment,
  }: {
    readonly environment: string;
    readonly deployment: string;
  }): DeploymentRules {
    return this.#rules[`${environment}/${deployment}`] ?? defaultRules;
  }

  declare(rules: Readonly<Record<string, DeploymentRules>>): void {
    const merged = { ...this.#rules, ...rules };
    if (JSON.stringify(merged) === JSON.stringify(this.#rules)) return;
    this.#rules = merged;
    this.#isDirty = true;
  }

  async save(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    await writeDurably(this.#path, `${JSON.stringify({ counts: this.#counts, rules: this.#rules })}\n`).catch(
      (error: unknown) => {
        this.#isDirty = true;
        throw error;
      },
    );
  }
}
