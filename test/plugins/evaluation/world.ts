/** The checks of evaluation on real repositories and real trial processes. */
import { artifactStore } from '../../../core/capabilities/artifact-store.ts';
import { type ModelTrial, modelTrial } from '../../../core/capabilities/model-trial.ts';
import {
  type CheckVerdict,
  type ProposalCheck,
  type ProposalSubject,
  proposalCheck,
} from '../../../core/capabilities/proposal-check.ts';
import { EventBus } from '../../../core/host/events.ts';
import { PluginHost } from '../../../core/host/plugin-host.ts';
import { definePlugin, type Providers } from '../../../core/plugin.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import type { OpenedRepository } from '../../../libraries/git/opened-repository.ts';
import { plugin as artifacts } from '../../../plugins/artifacts/index.ts';
import { plugin as evaluation } from '../../../plugins/evaluation/index.ts';
import { plugin as serving } from '../../../plugins/serving/index.ts';
import type { ModelTrials } from '../../../plugins/serving/trials/model-trials.ts';
import { judge, proposalSubject } from '../../fixtures/proposal-subject.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';

export type CheckName = 'golden-examples' | 'size-and-latency' | 'metric-regression' | 'replay';

export class EvaluationWorld {
  readonly registry = new TemplateRegistry();
  base = '';
  #repository: OpenedRepository | undefined;
  #host: PluginHost | undefined;
  #checks: Providers<ProposalCheck> | undefined;
  #trials: ModelTrial | undefined;

  async open(
    options: Readonly<Record<string, unknown>> = {},
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    this.base = await this.registry.make();
    const repository = await openRepository(this.registry.folder);
    this.#repository = repository;
    const log = recordingLog();
    this.#host = new PluginHost({
      log,
      events: new EventBus(log),
      folder: `${this.registry.parent}/plugins`,
      runs: () => true,
      settings: (plugin) => (plugin === 'evaluation' ? settings : {}),
      wake: () => {},
      readBlob: (blob) => repository.openBlob(blob),
    });
    const probe = definePlugin({
      name: 'probe',
      description: 'Asks for the checks.',
      needs: { checks: proposalCheck, trials: modelTrial, stores: artifactStore },
      setup: (_host, { checks, trials }) => {
        this.#checks = checks;
        this.#trials = trials.get('onnxruntime');
      },
    });
    await this.#host.start(
      [artifacts, serving, evaluation, probe].map((definition) => ({
        definition,
        options: definition === evaluation ? options : {},
      })),
    );
  }

  check(name: CheckName): ProposalCheck {
    if (this.#checks === undefined) throw new Error('the world is not open');
    return this.#checks.get(name);
  }

  /** What a check says of the change from the base to a commit; `none` where it has nothing to say. */
  async verdict(
    name: CheckName,
    merged: string,
    change: (subject: ProposalSubject) => ProposalSubject = (subject) => subject,
  ): Promise<CheckVerdict | { readonly outcome: 'none'; readonly summary: string }> {
    return this.about(merged, (subject) => judge(this.check(name), change(subject)));
  }

  async concerns(name: CheckName, merged: string): Promise<string | undefined> {
    return this.about(merged, async (subject) => this.check(name).concerns(subject));
  }

  async about<T>(merged: string, work: (subject: ProposalSubject) => Promise<T>): Promise<T> {
    const subject = await proposalSubject(this.registry.folder, this.base, merged);
    try {
      return await work(subject);
    } finally {
      await subject.repository.close();
    }
  }

  processes(): readonly number[] {
    return (this.#trials as ModelTrials).processes();
  }

  async close(): Promise<void> {
    await this.#host?.stop();
    await this.#repository?.close();
    this.registry.close();
  }
}
