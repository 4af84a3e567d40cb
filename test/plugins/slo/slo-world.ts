import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessAnswers, VersionAnswers } from '../../../core/capabilities/answer-counts.ts';
import type { PromisedLevel, ServiceLevel } from '../../../core/capabilities/service-levels.ts';
import { ServiceLevelBook } from '../../../plugins/slo/service-level-book.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const bounds = [0.01, 0.1, 1];
const begun = Date.UTC(2026, 0, 1);

/** An inference process that counts what it answers. */
export class Process {
  readonly versions = new Map<
    string,
    { statuses: Record<string, number>; counts: number[]; notFinite: number }
  >();
  isShadow = false;

  readonly name: string;
  readonly life: string;
  readonly startedAt: number;

  constructor(name = 'p0', life = '1', startedAt = begun) {
    this.name = name;
    this.life = life;
    this.startedAt = startedAt;
  }

  answers(count: number, status = 200, seconds = 0.005, version = '1.0.0'): void {
    const own = this.versions.get(version) ?? { statuses: {}, counts: [0, 0, 0, 0], notFinite: 0 };
    own.statuses[status] = (own.statuses[status] ?? 0) + count;
    const bucket = bounds.findIndex((bound) => seconds <= bound);
    own.counts[bucket === -1 ? bounds.length : bucket]! += count;
    this.versions.set(version, own);
  }

  get report(): ProcessAnswers {
    const versions = [...this.versions].map(
      ([version, { statuses, counts, notFinite }]): VersionAnswers => ({
        environment: 'production',
        deployment: 'geese',
        version,
        isShadow: this.isShadow,
        statuses: { ...statuses },
        notFinite,
        seconds: { bounds, counts: [...counts] },
      }),
    );
    return { process: this.name, life: this.life, startedAt: this.startedAt, versions };
  }
}

export const availability = { name: 'availability', budget: 0.001 };
export const p95 = { name: 'p95', budget: 0.05, seconds: 0.1 };

/** One deployment that promises something, its processes, and a clock. */
export class SloWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-slo-'));
  readonly log = recordingLog();
  readonly woken: string[] = [];
  now = begun;
  promise: PromisedLevel = {
    owner: 'Deployment/production/geese',
    environment: 'production',
    deployment: 'geese',
    objectives: [availability],
    windowMs: 30 * day,
    minRequests: 30,
  };
  process = new Process();
  #listener: (report: ProcessAnswers) => void = () => {};
  book = this.#make();

  #make(): ServiceLevelBook {
    return new ServiceLevelBook({
      folder: this.folder,
      now: () => this.now,
      wake: (ref) => this.woken.push(ref),
      log: this.log,
    });
  }

  async open(): Promise<void> {
    await this.book.open({
      follow: (listener) => {
        this.#listener = listener;
      },
    });
    this.hear();
    this.book.keep(this.promise);
    this.hear();
  }

  /** Control is killed and started anew; nothing is said goodbye to. */
  async restart(): Promise<void> {
    this.book = this.#make();
    await this.open();
  }

  hear(process = this.process): void {
    this.#listener(process.report);
  }

  /** As the deployment would be told. */
  get level(): ServiceLevel {
    return this.book.keep(this.promise);
  }

  get burns(): 'fast' | 'slow' | undefined {
    return this.level.burning?.speed;
  }

  standing(name = 'availability') {
    const [found] = this.book.standings();
    const standing = found?.standings.find(({ objective }) => objective.name === name);
    if (standing === undefined) throw new Error(`nothing is promised of ${name}`);
    return standing;
  }

  /** Lets time pass with traffic: so many requests in each step, a share of which is bad. */
  async passes(length: number, traffic: Traffic = {}): Promise<void> {
    const { step = minute, requests = 1000, bad = 0, status = 503, slow = 0 } = traffic;
    for (let left = length; left > 0; left -= step) {
      this.now += Math.min(step, left);
      const failed = this.#whole('failed', requests * bad);
      const late = this.#whole('late', requests * slow);
      if (failed > 0) this.process.answers(failed, status);
      if (late > 0) this.process.answers(late, 200, 0.5);
      if (requests - failed - late > 0) this.process.answers(requests - failed - late);
      this.hear();
      await this.book.tick();
    }
  }

  /** Milliseconds until something burns (so fast); undefined where nothing does for `longest`. */
  async untilBurns(longest: number, traffic: Traffic, speed?: 'fast' | 'slow'): Promise<number | undefined> {
    const from = this.now;
    const { step = minute } = traffic;
    while (this.now - from < longest) {
      await this.passes(step, traffic);
      if (this.burns !== undefined && (speed === undefined || this.burns === speed)) return this.now - from;
    }
    return undefined;
  }

  /** Fractions are carried over, so that shares come out exactly. */
  readonly #carried = new Map<string, number>();
  #whole(what: string, amount: number): number {
    const sum = (this.#carried.get(what) ?? 0) + amount;
    const whole = Math.floor(sum + 1e-9);
    this.#carried.set(what, sum - whole);
    return whole;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Traffic {
  readonly step?: number;
  readonly requests?: number;
  readonly bad?: number;
  readonly status?: number;
  readonly slow?: number;
}
