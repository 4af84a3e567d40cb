/** What is counted, as Prometheus text. */
export class ProposalMetrics {
  #open = 0;
  readonly #checks = new Map<string, { count: number; seconds: number }>();

  open(count: number): void {
    this.#open = count;
  }

  checked(name: string, outcome: string, durationMs: number): void {
    const labels = `check="${name.replace(/[^\w.-]/g, '_')}",outcome="${outcome}"`;
    const one = this.#checks.get(labels) ?? { count: 0, seconds: 0 };
    this.#checks.set(labels, { count: one.count + 1, seconds: one.seconds + durationMs / 1000 });
  }

  exposition(queued: number): string {
    const lines = [
      '# HELP switchyard_proposals_open Proposals that are open on the forge.',
      '# TYPE switchyard_proposals_open gauge',
      `switchyard_proposals_open ${this.#open}`,
      '# HELP switchyard_proposals_queued Changes that wait to be proposed.',
      '# TYPE switchyard_proposals_queued gauge',
      `switchyard_proposals_queued ${queued}`,
      '# HELP switchyard_proposal_check_seconds Checks that ran, and the time that they took.',
      '# TYPE switchyard_proposal_check_seconds summary',
    ];
    for (const [labels, { count, seconds }] of this.#checks) {
      lines.push(`switchyard_proposal_check_seconds_sum{${labels}} ${seconds}`);
      lines.push(`switchyard_proposal_check_seconds_count{${labels}} ${count}`);
    }
    return `${lines.join('\n')}\n`;
  }
}
