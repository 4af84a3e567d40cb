/** Hands on what processes report of their answers, to whoever counts them. */
import type { AnswerCounts, ProcessAnswers } from '../../../core/capabilities/answer-counts.ts';
import { withBounds } from '../dataplane/interface/latency-bounds.ts';
import type { Report } from '../dataplane/interface/messages.ts';
import { versionKey } from '../dataplane/interface/routing-table.ts';
import type { Roles } from '../table/roles.ts';

export class AnswerReports implements AnswerCounts {
  readonly #listeners: ((report: ProcessAnswers) => void)[] = [];

  follow(listener: (report: ProcessAnswers) => void): void {
    this.#listeners.push(listener);
  }

  /** `startedAt`: RFC 3339, of the process. */
  report(
    { id, pid, metrics }: Pick<Report, 'id' | 'pid' | 'metrics'>,
    startedAt: string,
    roles: () => Roles,
  ): void {
    if (this.#listeners.length === 0) return;
    const now = roles();
    const report: ProcessAnswers = {
      process: id,
      life: `${pid} ${startedAt}`,
      startedAt: Date.parse(startedAt),
      versions: metrics.versions.map(
        ({ environment, deployment, version, requests, nanAnswers, seconds }) => ({
          environment,
          deployment,
          version,
          isShadow: now.get(versionKey({ environment, name: deployment }, version)) === 'shadow',
          statuses: requests,
          notFinite: nanAnswers,
          seconds: withBounds(seconds),
        }),
      ),
    };
    for (const listener of this.#listeners) listener(report);
  }
}
