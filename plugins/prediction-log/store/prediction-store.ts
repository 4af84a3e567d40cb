/** The prediction log as one process keeps it. Everything that changes it goes in turn; questions are answered meanwhile. */
import { readdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { PredictionProfile, ProfileQuestion } from '../../../core/capabilities/prediction-profile.ts';
import type {
  EndedProcess,
  Erasure,
  FoundPrediction,
  Label,
  LabelMeasure,
  LabelQuestion,
  LabelsTaken,
  LogAnswer,
  LogQuestion,
  SinkStatus,
  SinkTrouble,
} from '../../../core/capabilities/prediction-sink.ts';
import { messageOf } from '../../../core/plugin.ts';
import { ask, find, known } from './asking.ts';
import { type Bucket, isOfBucket } from './bucket/bucket.ts';
import { adopt, dropUnfit, lookInto, makeRoom, noteGone, putNew, removeGone } from './bucket/keeping.ts';
import { bucketStatus } from './bucket/status.ts';
import { StoreCore, type StoreOptions } from './core.ts';
import { erase } from './erasing.ts';
import { Erased } from './erasures.ts';
import { isAboutFiles } from './file-errors.ts';
import { batchesBeyond, removeHalves, waitingFiles } from './inbox.ts';
import { JumpedClock } from './jumped-clock.ts';
import { KeptProfiles } from './kept-profiles.ts';
import { isYoung, keepLabels, LookingUp, onItsWay } from './looking-up.ts';
import { measureLabels } from './measuring-labels.ts';
import { profile } from './profiling.ts';
import { RowCounter } from './row-counts.ts';
import type { DeploymentRules } from './state.ts';
import { TakingIn } from './taking-in.ts';
import { expire, merge, writeOut } from './writing-out.ts';

/** Rows in memory that are written without waiting any longer. */
const enoughRows = 100_000;

/** How often it is looked what is in the bucket: others may have removed some of it. */
const lookEveryMs = 24 * 3_600_000;

export class PredictionStore {
  readonly #core: StoreCore;
  readonly #takingIn: TakingIn;
  readonly #lookingUp: LookingUp;
  readonly #erased: Erased;
  readonly #rows: RowCounter;
  readonly #clock = new JumpedClock();
  #isHeld = false;
  readonly #profiles: KeptProfiles;
  #trouble: string | undefined;
  #failedAt = 0;
  #nextLook = 0;
  #erasing: Promise<unknown> = Promise.resolve();
  readonly #ending = new AbortController();
  #failures = 0;

  private constructor(core: StoreCore, takingIn: TakingIn, erased: Erased) {
    this.#core = core;
    this.#takingIn = takingIn;
    this.#lookingUp = new LookingUp(core);
    this.#erased = erased;
    this.#rows = new RowCounter(core);
    this.#profiles = new KeptProfiles(core.paths.profiles);
  }

  static async open(options: StoreOptions): Promise<PredictionStore> {
    const erased = await Erased.open(options.paths.erasures, options.paths.keyFile);
    const core = await StoreCore.open(options);
    return new PredictionStore(core, await TakingIn.open(core, erased), erased);
  }

  /** How long deployments want their predictions kept, by `environment/deployment`. */
  declare(rules: Readonly<Record<string, DeploymentRules>>): void {
    this.#core.state.declare(rules);
  }

  /** Takes in what waits, and writes it out when it is time. Call it a few times a second. Never rejects. */
  tick(): Promise<void> {
    return this.#core.inTurn(async () => {
      try {
        await this.#takingIn.takeIn();
        if (this.#isTimeToWrite()) await this.#write();
        await this.#lookingUp.lookAtTold();
      } catch (error) {
        await this.#failAndRepair(error);
      }
    });
  }

  /** What is done now and then: lets go of what is too old or too much, tidies up. Call it a few times a minute. Never rejects. */
  tidy(): Promise<void> {
    return this.#core.inTurn(async () => {
      const { state, paths, settings, log } = this.#core;
      try {
        state.count('lost', await removeHalves(paths.inbox));
        const beyond = await batchesBeyond(paths.inbox, settings.inboxSize);
        const discarded = await this.#takingIn.letGo(beyond);
        state.count('discarded', discarded);
        if (discarded > 0) log('warn', 'predictions were let go of because too many waited', { discarded });
        if (!this.#isClockHeld()) await expire(this.#core);
        await merge(this.#core);
        await this.#profiles.tidy((where) => state.rulesOf(where).retain, this.#core.now());
        await state.save();
      } catch (error) {
        await this.#failAndRepair(error);
      }
    });
  }

  /** Brings the bucket up to what is kept here. Call it every second, one call at a time. Never rejects. */
  async keepInBucket(): Promise<void> {
    const core = this.#core;
    const { bucket } = core;
    if (bucket === undefined || bucket.isResting) return;
    try {
      await core.inTurn(async () => {
        await dropUnfit(core, bucket);
        await noteGone(core, bucket);
        await makeRoom(core, bucket);
      });
      if (core.now() >= this.#nextLook || core.now() < this.#nextLook - 2 * lookEveryMs) {
        const found = await lookInto(core, bucket);
        await core.inTurn(() => adopt(core, bucket, found));
        this.#nextLook = core.now() + lookEveryMs;
      }
      await putNew(core, bucket);
      await removeGone(core, bucket);
    } catch (error) {
      // Of the bucket itself it is told already.
      if (!isOfBucket(error)) this.#fail(error);
    }
  }

  setCredentials(credentials: Parameters<Bucket['setCredentials']>[0]): void {
    this.#core.bucket?.setCredentials(credentials);
  }

  /** Writes all that was handed in into files. */
  flush(): Promise<void> {
    return this.#core.inTurn(async () => {
      await this.#takingIn.takeIn();
      await this.#write();
    });
  }

  ended(process: EndedProcess): Promise<void> {
    return this.#core.inTurn(async () => {
      await this.#takingIn.ended(process);
      await this.#core.state.save();
    });
  }

  async query(question: LogQuestion, signal: AbortSignal): Promise<LogAnswer> {
    await this.tick();
    return ask(this.#core, question, signal);
  }

  async find(id: string): Promise<readonly FoundPrediction[]> {
    await this.tick();
    return find(this.#core, id);
  }

  async label(labels: readonly Label[]): Promise<LabelsTaken> {
    await this.tick();
    const ids = [...new Set(labels.map(({ id }) => id))];
    let found = await known(this.#core, ids);
    if (ids.some((id) => !found.known.has(id) && isYoung(this.#core, id))) {
      // Whoever knows the truth at once is not told that nobody knows the prediction.
      await wait(onItsWay);
      await this.tick();
      found = await known(this.#core, ids);
    }
    const taken = await keepLabels(this.#core, labels, found);
    await this.tick();
    return taken;
  }

  async measureLabels(question: LabelQuestion, signal: AbortSignal): Promise<LabelMeasure> {
    await this.tick();
    return measureLabels(this.#core, question, signal);
  }

  async profile(question: ProfileQuestion, signal: AbortSignal): Promise<PredictionProfile> {
    await this.tick();
    return profile(this.#core, this.#profiles, question, signal);
  }

  /** One after the other; others go on meanwhile. */
  erase(subject: string): Promise<Erasure> {
    const done = this.#erasing.then(async () => {
      try {
        const arriving = { takingIn: this.#takingIn, lookingUp: this.#lookingUp, erased: this.#erased };
        return await erase(this.#core, arriving, subject, this.#ending.signal);
      } finally {
        // They were counted among others.
        await this.#core.inTurn(() => this.#profiles.clear());
      }
    });
    this.#erasing = done.catch(() => {});
    return done;
  }

  /** What keeps it from keeping predictions. */
  get trouble(): SinkTrouble {
    const bucket = this.#core.bucket?.trouble;
    return {
      ...(this.#trouble === undefined ? {} : { log: this.#trouble }),
      ...(bucket === undefined ? {} : { bucket }),
    };
  }

  async status(): Promise<SinkStatus> {
    const { state, paths } = this.#core;
    const rows = await this.#core.repairing(() => this.#rows.count());
    const taken = new Set(this.#takingIn.sources);
    const waiting = (await waitingFiles(paths.inbox)).filter((name) => !taken.has(name)).length;
    const { files } = this.#core;
    return {
      ...rows,
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      waiting,
      counts: state.counts,
      ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
      ...(this.#core.bucket === undefined ? {} : { bucket: bucketStatus(this.#core, this.#core.bucket) }),
    };
  }

  /** Names of what was put aside. */
  async broken(): Promise<readonly string[]> {
    return readdir(this.#core.paths.broken).catch(() => []);
  }

  /** What is in memory is in the inbox, too: nothing needs to be written. */
  async close(): Promise<void> {
    this.#ending.abort(new Error('the log was closed meanwhile: erase once more'));
    await this.#erasing;
    await this.#core.inTurn(async () => {
      await this.#core.queries.ended();
      await this.#core.state.save().catch(() => {});
      this.#core.close();
    });
  }

  #isClockHeld(): boolean {
    const isHeld = this.#clock.isHeld(this.#core.now(), performance.now());
    if (isHeld && !this.#isHeld) {
      this.#core.log(
        'warn',
        'the clock jumped ahead: for a day no predictions are let go of because of their age',
        {},
      );
    }
    this.#isHeld = isHeld;
    return isHeld;
  }

  #isTimeToWrite(): boolean {
    const now = this.#core.now();
    const { rows, since } = this.#takingIn;
    const pause = Math.min(60_000, 1_000 * 2 ** Math.min(this.#failures, 6));
    if (this.#failures > 0 && isWithin(now - this.#failedAt, pause)) return false;
    return (
      rows >= enoughRows || (since !== undefined && !isWithin(now - since, this.#core.settings.writeEveryMs))
    );
  }

  async #write(): Promise<void> {
    await writeOut(this.#core, this.#takingIn);
    if (this.#trouble !== undefined) this.#core.log('info', 'the prediction log is written again', {});
    this.#trouble = undefined;
    this.#failures = 0;
  }

  /** In turn. */
  async #failAndRepair(error: unknown): Promise<void> {
    this.#fail(error);
    if (isAboutFiles(error))
      await this.#core.putDamagedAside(error).catch((again: unknown) => this.#fail(again));
  }

  #fail(error: unknown): void {
    const reason = messageOf(error).split('\n', 1)[0] ?? '';
    if (this.#trouble !== reason) {
      this.#core.log('warn', 'the prediction log cannot be written now; what was handed in waits', {
        reason,
      });
    }
    this.#trouble = reason;
    this.#failures++;
    this.#failedAt = this.#core.now();
  }
}

/** A clock that was set back is no reason to wait until it is there again. */
function isWithin(passed: number, ms: number): boolean {
  return passed >= 0 && passed < ms;
}
