import type { MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import type { Providers, Ref } from '../../../core/plugin.ts';
import type { Clock } from '../clock.ts';
import type { World } from '../world.ts';
import { measure } from './measuring.ts';
import { observeNothing, observeResource } from './observe.ts';
import { looksAt, type Rule } from './rule.ts';
import type { Reading } from './sight.ts';

export interface MeasurementsOptions {
  readonly sources: Providers<MetricsSource>;
  readonly world: World;
  readonly clock: Clock;
  /** A rule was measured anew. */
  readonly measured: (rule: string) => void;
}

/** So many questions at once: a source is not to be flooded by a rule about many resources. */
const parallel = 4;

/** Measures for the rules that ask for it, each at its own pace, and keeps what came out last. */
export class Measurements {
  readonly #options: MeasurementsOptions;
  readonly #followed = new Map<string, { readonly rule: Rule; cancel: () => void }>();
  readonly #readings = new Map<string, Map<string, Reading>>();
  readonly #turned = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(options: MeasurementsOptions) {
    this.#options = options;
  }

  follow(rule: Rule): void {
    this.forget(rule.name);
    if (rule.metric === undefined || this.#stopping.signal.aborted) return;
    const followed = { rule, cancel: () => {} };
    this.#followed.set(rule.name, followed);
    followed.cancel = this.#options.clock.after(0, () => void this.#measure(followed));
  }

  forget(name: string): void {
    this.#followed.get(name)?.cancel();
    this.#followed.delete(name);
    this.#readings.delete(name);
  }

  of(rule: string, ref: Ref | undefined): Reading | undefined {
    return this.#readings.get(rule)?.get(ref ?? '');
  }

  /** Why a rule could not be measured last. */
  failureOf(rule: string): string | undefined {
    for (const [ref, reading] of this.#readings.get(rule) ?? []) {
      if (reading.type === 'error') return ref === '' ? reading.message : `${ref}: ${reading.message}`;
    }
    return undefined;
  }

  /** Rules that began or ceased to fail since this was asked last. */
  takeTurned(): readonly string[] {
    const turned = [...this.#turned];
    this.#turned.clear();
    return turned;
  }

  stop(): void {
    this.#stopping.abort();
    for (const { cancel } of this.#followed.values()) cancel();
    this.#followed.clear();
  }

  async #measure(followed: { readonly rule: Rule; cancel: () => void }): Promise<void> {
    const { rule } = followed;
    const { metric, scope, name } = rule;
    const { world, clock, sources, measured } = this.#options;
    if (metric === undefined) return;
    const isFollowed = () => this.#followed.get(name) === followed;
    const before = this.failureOf(name);
    const readings = new Map<string, Reading>();
    const now = () => clock.now();
    const ask = async (ref: Ref | undefined): Promise<void> => {
      const resource = ref === undefined ? undefined : world.resource(ref);
      const status = ref === undefined ? undefined : world.status(ref);
      const { values } = ref === undefined ? observeNothing : observeResource(ref, resource, status, now());
      const about = ref === undefined ? undefined : { resource, status };
      readings.set(ref ?? '', await measure(metric, values, about, sources, now, this.#stopping.signal));
    };
    if (scope.type === 'resources') {
      const refs = world.ofKinds(scope.of.kinds).filter((ref) => looksAt(scope, ref, world.resource(ref)));
      const left = [...refs];
      const work = async () => {
        for (let ref = left.shift(); ref !== undefined && isFollowed(); ref = left.shift()) await ask(ref);
      };
      await Promise.all(Array.from({ length: parallel }, work));
    } else await ask(undefined);
    if (!isFollowed()) return;
    this.#readings.set(name, readings);
    if ((before === undefined) !== (this.failureOf(name) === undefined)) this.#turned.add(name);
    followed.cancel = clock.after(metric.intervalMs, () => void this.#measure(followed));
    measured(name);
  }
}
