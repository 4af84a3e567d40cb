import { nothingHeld, resourceNotFound } from '../../../core/errors.ts';
import { EventBus } from '../../../core/host/events.ts';
import type { Head, Kernel, PluginView, ResourceView } from '../../../core/kernel-api.ts';
import type { Issue } from '../../../core/manifest/issue.ts';
import type { Events, JournalEntry, KindDefinition, Ref, WebhookDelivery } from '../../../core/plugin.ts';
import { MemoryStore } from '../../../core/state/memory-store.ts';
import type { JournalQuery } from '../../../core/state/store.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

type Handler = (request: Request, path: string) => Promise<Response | undefined>;

/** A kernel whose world the test sets by hand. History is in a real store, events on the real bus. */
export class KernelInMemory implements Kernel {
  phase: Kernel['phase'] = 'running';
  headNow: Head;
  views: ResourceView[] = [];
  issuesNow: Issue[] = [];
  kindsNow: KindDefinition[] = [];
  pluginsNow: PluginView[] = [];
  metricsNow: () => Promise<string> = async () => 'switchyard_up 1\n';
  readonly routes = new Map<string, Handler>();
  readonly hooks = new Map<string, (delivery: WebhookDelivery) => Promise<Response | undefined>>();
  readonly store = new MemoryStore();
  readonly bus = new EventBus(recordingLog());
  readonly woken: Ref[] = [];
  readonly acknowledged: { commit: string; by: string }[] = [];
  looks = 0;
  listeners = 0;

  constructor(head: Head) {
    this.headNow = head;
  }

  head(): Head {
    return this.headNow;
  }
  resources(): readonly ResourceView[] {
    return [...this.views].sort((left, right) => (left.ref < right.ref ? -1 : 1));
  }
  resource(ref: Ref): ResourceView | undefined {
    return this.views.find((view) => view.ref === ref);
  }
  issues(): readonly Issue[] {
    return this.issuesNow;
  }
  kinds(): readonly KindDefinition[] {
    return this.kindsNow;
  }
  plugins(): readonly PluginView[] {
    return this.pluginsNow;
  }
  snapshots(limit: number) {
    return this.store.snapshots(limit);
  }
  snapshot(commit: string) {
    return this.store.snapshot(commit);
  }
  plans(limit: number) {
    return this.store.plans(limit);
  }
  plan(to: string) {
    return this.store.plan(to);
  }
  journal(query: JournalQuery) {
    return this.store.journal(query);
  }
  noticed(): void {}

  look(): void {
    this.looks += 1;
  }
  wake(ref: Ref): void {
    if (this.resource(ref) === undefined) throw resourceNotFound(ref);
    this.woken.push(ref);
  }
  async acknowledge(commit: string, by: string): Promise<void> {
    if (this.headNow.held?.commit !== commit) throw nothingHeld(commit);
    this.acknowledged.push({ commit, by });
  }
  on<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): () => void {
    this.listeners += 1;
    const off = this.bus.on(event, listener);
    return () => {
      this.listeners -= 1;
      off();
    };
  }
  metrics(): Promise<string> {
    return this.metricsNow();
  }
  async route(plugin: string, path: string, request: Request): Promise<Response | undefined> {
    return this.routes.get(plugin)?.(request, path);
  }
  async webhook(plugin: string, delivery: WebhookDelivery): Promise<Response | undefined> {
    return this.hooks.get(plugin)?.(delivery);
  }
  async idle(): Promise<void> {}
  async stop(): Promise<void> {
    this.phase = 'stopping';
  }

  /** Appends to the journal and tells who listens, as the real one does. */
  async record(entry: Partial<JournalEntry>): Promise<JournalEntry> {
    const appended = await this.store.append({
      time: '2026-03-01T12:00:00.000Z',
      type: 'test.happened',
      ref: null,
      commit: null,
      message: 'it happened',
      data: {},
      ...entry,
    });
    this.bus.emit('journal.appended', { entry: appended });
    return appended;
  }
}
