/** The log's files in a bucket: a real one over loopback, whose door is closed where a test says so. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BucketSettings } from '../../../../../plugins/prediction-log/bucket-settings.ts';
import { logPaths } from '../../../../../plugins/prediction-log/paths.ts';
import { defaultLogSettings } from '../../../../../plugins/prediction-log/settings.ts';
import { PredictionStore } from '../../../../../plugins/prediction-log/store/prediction-store.ts';
import {
  dripping,
  hangingUp,
  losingAnswers,
  refusing,
  S3Server,
  s3Keys,
  silent,
} from '../../../../fixtures/s3-server.ts';
import { handIn, key, originOf, pseudonymOf } from '../../predictions.ts';

const day = 86_400_000;
const forever = new AbortController().signal;
let server: S3Server;
let folder: string;
let stores: PredictionStore[];
let now: number;
let prefix: string;
let said: { readonly message: string; readonly facts: Readonly<Record<string, unknown>> }[];
let tests = 0;

beforeAll(async () => {
  server = await S3Server.start();
});
afterAll(() => server.stop());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-bucket-'));
  prefix = `test-${tests++}/log/`;
  stores = [];
  said = [];
  now = Date.now();
  server.asked.length = 0;
  writeFileSync(paths().keyFile, key);
});

afterEach(async () => {
  server.fault = () => false;
  for (const store of stores) await store.close().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

const paths = () => logPaths(folder);
/** Nothing stays here that the bucket has, unless it was just read. */
const nothingStays = 20_000;

async function open(more: Partial<BucketSettings> = {}): Promise<PredictionStore> {
  const bucket = {
    ...{ endpoint: server.endpoint, bucket: 'logs', prefix, region: 'us-east-1', pathStyle: true },
    ...{ cacheSize: 1024 ** 3, timeoutMs: 10_000, ...more },
  };
  const store = await PredictionStore.open({
    paths: paths(),
    settings: { ...defaultLogSettings, memory: 256 * 1024 ** 2, bucket },
    now: () => now,
    log: (_level, message, facts) => void said.push({ message, facts }),
  });
  store.setCredentials(s3Keys);
  stores.push(store);
  return store;
}

/** Hands predictions of so many days in, a file for each, and brings them into the bucket. */
async function filled(ages: readonly number[], more: Partial<BucketSettings> = {}): Promise<PredictionStore> {
  const store = await open(more);
  for (const age of ages) handIn(paths().inbox, [{ at: now - age * day, speed: age }]);
  await store.flush();
  await store.keepInBucket();
  return store;
}

async function rows(store: PredictionStore, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await store.query({ sql, limit: 1_000 }, forever)).rows;
}

const count = async (store: PredictionStore) =>
  Number((await rows(store, 'SELECT count(*) FROM predictions'))[0]?.[0]);
const dateOf = (age: number) => new Date(now - age * day).toISOString().slice(0, 10);
const objects = () => server.keys().filter((one) => one.startsWith(prefix) && one.endsWith('.parquet'));
const fetched = () => server.asked.filter((one) => one.startsWith('GET') && one.includes('.parquet')).length;

function localFiles(): string[] {
  return readdirSync(paths().store, { recursive: true })
    .map((name) => join(paths().store, String(name)))
    .filter((path) => /-[cr]1?\.parquet$/.test(path));
}

/** Leaves all to the bucket that it has. */
async function forgetLocally(store: PredictionStore): Promise<void> {
  now += 60_000;
  await store.keepInBucket();
  expect(localFiles().reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThanOrEqual(1);
}

describe('a log with a bucket', () => {
  it('puts there what is written, and keeps it here as long as there is room', async () => {
    const store = await filled([0, 1]);
    expect(objects()).toEqual([
      expect.stringContaining(
        `${prefix}predictions/date=${dateOf(1)}/environment=production/deployment=bird-strike/`,
      ),
      expect.stringContaining(`${prefix}predictions/date=${dateOf(0)}/`),
    ]);
    for (const [index, path] of localFiles().sort().entries()) {
      expect(readFileSync(server.fileOf(objects()[index] ?? '')).equals(readFileSync(path))).toBe(true);
    }
    const { bucket } = await store.status();
    expect(bucket).toMatchObject({
      objects: 2,
      waiting: 0,
      waitingBytes: 0,
      counts: { uploaded: 2, failed: 0 },
    });
    expect(bucket?.bytes).toBe(bucket?.localBytes);
    expect(fetched()).toBe(0);
  });

  it('reads what is only there, and of that only the days that are asked for', async () => {
    const store = await filled([0, 1, 2, 3], { cacheSize: 1 });
    await forgetLocally(store);
    const settings = { cacheSize: nothingStays };
    await store.close();
    const next = await open(settings);
    expect(await next.status()).toMatchObject({
      predictions: 4,
      files: 4,
      bucket: { objects: 4, localBytes: 0 },
    });
    expect(fetched()).toBe(0);
    const speed = "SELECT (inputs->>'speed')::INTEGER FROM predictions WHERE";
    expect(await rows(next, `${speed} date = DATE '${dateOf(2)}'`)).toEqual([[2]]);
    expect(fetched()).toBe(1);
    expect(
      await rows(next, `${speed} date >= DATE '${dateOf(2)}' AND date < DATE '${dateOf(0)}' ORDER BY 1`),
    ).toEqual([[1], [2]]);
    expect(fetched()).toBe(2);
    expect(await count(next)).toBe(4);
    expect(fetched()).toBe(4);
    expect((await next.status()).bucket?.counts.fetched).toBe(4);
  });

  it('finds a prediction and takes its label by the day of its id, and measures labels by theirs', async () => {
    const store = await open({ cacheSize: 1 });
    const at = now - 3 * day;
    const [id = ''] = handIn(paths().inbox, [{ at, probability: 0.75 }]);
    for (const age of [9, 10, 11]) handIn(paths().inbox, [{ at: now - age * day }]);
    await store.flush();
    await store.keepInBucket();
    await forgetLocally(store);
    await store.close();
    const next = await open({ cacheSize: nothingStays });
    expect(await next.find(id)).toMatchObject([{ id, version: '1.0.0', labels: 0 }]);
    expect(await next.label([{ id, row: 0, value: 1 }])).toMatchObject({ taken: 1, unknown: 0 });
    const question = {
      environment: 'production',
      deployment: 'bird-strike',
      versions: ['1.0.0'],
      threshold: 0.5,
    };
    const measured = await next.measureLabels({ ...question, metric: 'accuracy', since: now - day }, forever);
    expect(measured.sums['1.0.0']).toMatchObject({ count: 1, sum: 1 });
    expect(fetched()).toBe(1);
  });

  it('refuses a question for which there is no room, and says what to ask', async () => {
    const store = await filled([0, 1], { cacheSize: 1 });
    await forgetLocally(store);
    await expect(rows(store, 'SELECT count(inputs) FROM predictions')).rejects.toMatchObject({
      code: 'LogQueryTooLong',
      message: expect.stringContaining('by date'),
    });
    expect(fetched()).toBe(0);
  });

  it.each([
    ['is away', hangingUp],
    ['refuses its key', refusing(403, 'AccessDenied')],
    ['is full', refusing(507, 'QuotaExceeded', ({ method }) => method === 'PUT')],
    ['is slow', silent],
  ])(
    'loses nothing while the bucket %s, rests between attempts, and goes on by itself',
    async (_how, fault) => {
      const store = await open({ timeoutMs: fault === silent ? 100 : 10_000, cacheSize: 1 });
      server.fault = fault;
      handIn(paths().inbox, [{}, { at: now - day }]);
      await store.flush();
      for (let second = 0; second < 100; second++) {
        now += 1_000;
        if (second < 10 || second > 90) await store.keepInBucket();
      }
      const { bucket } = await store.status();
      expect(bucket?.trouble).toBeDefined();
      expect(store.trouble).toEqual({ bucket: bucket?.trouble });
      expect(bucket).toMatchObject({ objects: 0, waiting: 2 });
      // At once, after 1, 2 and 4 seconds, and once after the pause of 8 (a minute and more has gone by).
      expect(bucket?.counts.failed).toBe(5);
      expect(said.filter(({ message }) => message.includes('cannot be used')).length).toBe(1);
      expect(await count(store)).toBe(2);
      expect(localFiles().every((path) => statSync(path).size > 0)).toBe(true);
      server.fault = () => false;
      // A machine that is busy may take longer than this bucket is waited for.
      for (let turn = 0; turn < 100 && (await store.status()).bucket?.waiting !== 0; turn++) {
        now += 400_000;
        await store.keepInBucket();
      }
      expect((await store.status()).bucket).toMatchObject({ objects: 2, waiting: 0 });
      expect((await store.status()).bucket?.trouble).toBeUndefined();
      expect(said.at(-1)?.message).toBe('the bucket of the prediction log answers again');
    },
  );

  it('answers what is here while the bucket is away, and says what is not', async () => {
    const store = await filled([3], { cacheSize: 1 });
    await forgetLocally(store);
    handIn(paths().inbox, [{}]);
    await store.flush();
    server.fault = hangingUp;
    expect(
      await rows(store, `SELECT count(*)::INTEGER FROM predictions WHERE date = DATE '${dateOf(0)}'`),
    ).toEqual([[1]]);
    await store.close();
    const next = await open({ cacheSize: nothingStays });
    await expect(count(next)).rejects.toMatchObject({
      ...{ code: 'LogUnavailable', message: expect.stringContaining('in the bucket') },
    });
    expect((await next.status()).predictions).toBe(2);
    server.fault = () => false;
    now += 5_000;
    expect(await count(next)).toBe(2);
  });

  it('says which credentials are missing, and uses new ones at once', async () => {
    const store = await open();
    store.setCredentials({ problem: 'its credentials cannot be read: there is no Secret bucket' });
    handIn(paths().inbox, [{}]);
    await store.flush();
    await store.keepInBucket();
    expect((await store.status()).bucket?.trouble).toContain('there is no Secret bucket');
    store.setCredentials({ ...s3Keys, secretKey: 'wrong-and-secret' });
    await store.keepInBucket();
    expect((await store.status()).bucket?.trouble).toContain('SignatureDoesNotMatch');
    store.setCredentials(s3Keys);
    await store.keepInBucket();
    expect((await store.status()).bucket).toMatchObject({ objects: 1 });
    expect(JSON.stringify([said, await store.status()])).not.toContain('wrong-and-secret');
  });

  it('removes days that are kept no longer from the bucket, too', async () => {
    const store = await filled([0, 40]);
    expect(objects().length).toBe(2);
    await store.tidy();
    await store.keepInBucket();
    expect(objects()).toEqual([expect.stringContaining(`date=${dateOf(0)}`)]);
  });

  it('removes what was merged only once the bucket has what it was merged into', async () => {
    const store = await open();
    for (let index = 0; index < 14; index++) {
      handIn(paths().inbox, [{ speed: index }]);
      await store.flush();
    }
    await store.keepInBucket();
    expect(objects().length).toBe(14);
    await store.tidy();
    server.fault = refusing(507, 'QuotaExceeded', ({ method }) => method === 'PUT');
    await store.keepInBucket();
    expect(objects().length).toBe(14);
    server.fault = () => false;
    now += 60_000;
    await store.keepInBucket();
    expect(objects()).toEqual([expect.stringMatching(/-r1\.parquet$/)]);
    expect(await count(store)).toBe(14);
  });
});

describe('labels of predictions that are in the bucket alone', () => {
  const labelled = "SELECT (inputs->>'speed')::INTEGER AS speed FROM labelled ORDER BY speed";
  const waiting = () => readdirSync(paths().inbox).filter((name) => name.endsWith('.told'));

  /** As an inference process hands them in. */
  function tell(ids: readonly string[], sequence = 0, value = 1): void {
    const labels = ids.map((id) => ({ id, row: 0, value }));
    const told = { environment: 'production', deployment: 'bird-strike', received: now, labels };
    writeFileSync(
      join(paths().inbox, `${String(now + sequence).padStart(14, '0')}-abcde${sequence}.told`),
      JSON.stringify([told]),
    );
  }

  /** Files in the bucket alone, one for each of these days and deployments; gives the ids of the first deployment. */
  async function inBucket(ages: readonly number[]): Promise<string[]> {
    const store = await open({ cacheSize: 1 });
    const other = originOf({ deployment: 'other' });
    const ids = ages.map((age) => {
      const at = now - age * day;
      return handIn(paths().inbox, [{ at, speed: age }])[0] ?? '';
    });
    for (const age of ages) handIn(paths().inbox, [{ at: now - age * day, origin: other }]);
    await store.flush();
    await store.keepInBucket();
    await forgetLocally(store);
    await store.close();
    return ids;
  }

  it('are kept although there is no room here for all their days at once, and nothing else is fetched', async () => {
    const ids = await inBucket([3, 9, 15, 21]);
    const before = fetched();
    tell([...ids, 'ffffffff-ffff-4fff-8fff-ffffffffffff']);
    const next = await open({ cacheSize: 8_000 });
    now += 2_000;
    await next.tick();
    expect(fetched() - before).toBe(4);
    expect(waiting()).toEqual([]);
    expect((await next.status()).labels).toBe(0);
    await next.tick();
    expect(await next.status()).toMatchObject({ labels: 4, counts: { unknownLabels: 1 } });
  });

  it('hold up nobody where one day finds no room here, and are kept once it does', async () => {
    const ids = await inBucket([3]);
    const next = await open({ cacheSize: 2_000 });
    const others = [0, 1].map((speed) => handIn(paths().inbox, [{ speed }]));
    tell(ids);
    for (const [index, some] of others.entries()) tell(some, index + 1);
    now += 2_000;
    for (let turn = 0; turn < 4; turn++) await next.tick();
    expect(waiting()).toEqual([expect.stringMatching(/-abcde0\.told$/)]);
    expect((await next.status()).labels).toBe(2);
    expect(said.filter(({ message }) => message.includes('labels cannot be looked up')).length).toBe(1);
    await next.close();
    const last = await open();
    for (let turn = 0; turn < 2; turn++) await last.tick();
    expect(await rows(last, labelled)).toEqual([[0], [1], [3]]);
    expect(waiting()).toEqual([]);
  });

  it('wait while the bucket is away, with those that came later of the same predictions, and others do not', async () => {
    const ids = await inBucket([3]);
    const next = await open();
    const here = handIn(paths().inbox, [{ speed: 1 }]);
    tell([...ids, ...here], 0, 1);
    tell(here, 1, 2);
    tell(handIn(paths().inbox, [{ speed: 0 }]), 2);
    server.fault = hangingUp;
    now += 2_000;
    for (let turn = 0; turn < 4; turn++) await next.tick();
    expect((await next.status()).labels).toBe(1);
    expect(waiting()).toEqual([0, 1].map((one) => expect.stringContaining(`-abcde${one}.told`)));
    server.fault = () => false;
    now += 400_000;
    for (let turn = 0; turn < 2; turn++) await next.tick();
    expect(await rows(next, labelled)).toEqual([[0], [1], [3]]);
    const last = "SELECT label::VARCHAR FROM labelled WHERE (inputs->>'speed')::INTEGER = 1";
    expect(await rows(next, last)).toEqual([['2']]);
  });
});

describe('a bucket that gives a byte now and then', () => {
  it('is taken for one that gives nothing, so that nobody waits for it for ever', async () => {
    const store = await filled([3], { cacheSize: 1 });
    await forgetLocally(store);
    await store.close();
    const next = await open({ timeoutMs: 500 });
    server.fault = dripping(({ method, url = '' }) => method === 'GET' && url.includes('.parquet'));
    await expect(count(next)).rejects.toMatchObject({ code: 'LogUnavailable' });
    expect(next.trouble).toEqual({ bucket: expect.any(String) });
    server.fault = () => false;
    now += 5_000;
    expect(await count(next)).toBe(1);
  });
});

describe('what a bucket has without anybody knowing', () => {
  async function written(files: number): Promise<PredictionStore> {
    const store = await open();
    for (let index = 0; index < files; index++) {
      handIn(paths().inbox, [{ speed: index }]);
      await store.flush();
    }
    return store;
  }

  it('does not come back where it was put, its answer was lost, and it was merged since', async () => {
    const store = await written(13);
    server.fault = losingAnswers(({ method, url }) => method === 'PUT' && url?.endsWith('.parquet') === true);
    await store.keepInBucket();
    server.fault = () => false;
    expect(objects()).toEqual([expect.stringMatching(/-c1\.parquet$/)]);
    expect((await store.status()).bucket).toMatchObject({ objects: 0, waiting: 13 });
    await store.tidy();
    // A look round the bucket comes with the first attempt, and with each day.
    for (const later of [60_000, 2 * day]) {
      now += later;
      await store.keepInBucket();
      expect(await count(store)).toBe(13);
      expect(objects()).toEqual([expect.stringMatching(/-r1\.parquet$/)]);
    }
  });

  it('does not come back either where the process was killed before it had noted that', async () => {
    const store = await written(13);
    await store.keepInBucket();
    const [part = ''] = objects();
    const bytes = readFileSync(server.fileOf(part));
    const about = `${server.fileOf(part).replace(/_object$/, '_metadata.json')}`;
    const facts = readFileSync(about);
    await store.tidy();
    await store.keepInBucket();
    expect(objects().length).toBe(1);
    await store.close();
    writeFileSync(server.fileOf(part), bytes);
    writeFileSync(about, facts);
    expect(objects().length).toBe(2);
    const next = await open();
    await next.keepInBucket();
    expect(await count(next)).toBe(13);
    await next.keepInBucket();
    expect(objects()).toEqual([expect.stringMatching(/-r1\.parquet$/)]);
  });

  it('is written down while many files are put there', async () => {
    const store = await written(25);
    let puts = 0;
    const isHeld = new Promise<ServerResponse>((resolve) => {
      server.fault = ({ method, url = '' }, response) => {
        if (method !== 'PUT' || !url.includes('.parquet') || ++puts < 25) return false;
        resolve(response);
        return true;
      };
    });
    const keeping = store.keepInBucket();
    const held = await isHeld;
    const { objects: known } = JSON.parse(readFileSync(paths().objects, 'utf8'));
    expect(Object.keys(known).length).toBeGreaterThan(12);
    held.destroy();
    await keeping;
  });
});

describe('erasing where files are in a bucket', () => {
  const ada = pseudonymOf(key, 'ada@example.org');

  async function withAda(more: Partial<BucketSettings> = {}): Promise<PredictionStore> {
    const store = await open(more);
    const both = [
      { at: now - 2 * day, subject: ada, phase: 'OnlyAdaFliesThere' },
      { at: now - 2 * day, phase: 'OthersFlyThere' },
    ];
    const [id = ''] = handIn(paths().inbox, both);
    handIn(paths().inbox, [{ at: now - day, subject: ada }]);
    handIn(paths().inbox, [{ at: now - 5 * day }]);
    await store.label([{ id, row: 0, value: 'AdaWasRight' }]);
    await store.flush();
    await store.keepInBucket();
    return store;
  }

  it('writes objects anew, removes those whose rows are all erased, and proves it', async () => {
    const store = await withAda({ cacheSize: nothingStays });
    const before = objects();
    expect(before.length).toBe(4);
    const erasure = await store.erase('ada@example.org');
    expect(erasure).toMatchObject({ pseudonym: ada, predictions: 2, labels: 1, remaining: 0, unread: [] });
    const after = objects();
    expect(after.length).toBe(2);
    for (const { file } of erasure.files) expect(after).not.toContain(`${prefix}${file}`);
    for (const path of after) {
      expect(readFileSync(server.fileOf(path)).includes(ada)).toBe(false);
      expect(readFileSync(join(paths().store, path.slice(prefix.length)))).toEqual(
        readFileSync(server.fileOf(path)),
      );
    }
    expect((await store.status()).bucket).toMatchObject({ objects: 2, waiting: 0 });
    await store.close();
    expect(await rows(await open(), "SELECT inputs->>'phase' FROM predictions ORDER BY 1")).toEqual([
      ['Climb'],
      ['OthersFlyThere'],
    ]);
  });

  it('does so for what is in the bucket alone', async () => {
    const store = await withAda({ cacheSize: 1 });
    await forgetLocally(store);
    await store.close();
    const next = await open({ cacheSize: nothingStays });
    expect(await next.erase('ada@example.org')).toMatchObject({ predictions: 2, labels: 1, remaining: 0 });
    expect(objects().length).toBe(2);
  });

  it('holds up nobody while it waits for the bucket, and is over when the log is closed', async () => {
    const store = await withAda({ cacheSize: 1 });
    await forgetLocally(store);
    await store.close();
    const next = await open({ cacheSize: nothingStays });
    const held: ServerResponse[] = [];
    const isAsked = new Promise<void>((resolve) => {
      server.fault = ({ method, url = '' }, response) => {
        if (method !== 'GET' || !url.includes('.parquet')) return false;
        held.push(response);
        resolve();
        return true;
      };
    });
    let isOver = false;
    const erasing = next.erase('ada@example.org').finally(() => {
      isOver = true;
    });
    const outcome = expect(erasing).rejects.toMatchObject({ code: 'ErasureIncomplete' });
    await isAsked;
    handIn(paths().inbox, [{ speed: 9 }]);
    await next.flush();
    const today = `SELECT count(*)::INTEGER FROM predictions WHERE date = '${dateOf(0)}'`;
    expect(await rows(next, today)).toEqual([[1]]);
    await next.tidy();
    expect(isOver).toBe(false);
    const closed = next.close();
    for (const response of held) response.destroy();
    await closed;
    await outcome;
    server.fault = () => false;
    const last = await open({ cacheSize: nothingStays });
    expect(await last.erase('ada@example.org')).toMatchObject({ predictions: 2, labels: 1, remaining: 0 });
  });

  it('fetches what holds nothing of it once, and writes only the rest anew', async () => {
    const store = await filled([2, 3, 4], { cacheSize: 1 });
    await forgetLocally(store);
    handIn(paths().inbox, [{ at: now - 9 * day, subject: ada }, { at: now - 9 * day }]);
    await store.flush();
    await store.close();
    const next = await open({ cacheSize: nothingStays });
    const before = fetched();
    const { files, predictions } = await next.erase('ada@example.org');
    expect([files.length, predictions]).toEqual([1, 1]);
    expect(fetched() - before).toBe(3);
  });

  it('is not done while the bucket is away, and is when it is said again', async () => {
    const store = await withAda();
    server.fault = hangingUp;
    await expect(store.erase('ada@example.org')).rejects.toMatchObject({ code: 'ErasureIncomplete' });
    server.fault = refusing(403, 'AccessDenied', ({ method }) => method === 'DELETE');
    await expect(store.erase('ada@example.org')).rejects.toMatchObject({
      ...{ code: 'ErasureIncomplete', message: expect.stringContaining('AccessDenied') },
    });
    await store.close();
    server.fault = () => false;
    const next = await open();
    expect(await next.erase('ada@example.org')).toMatchObject({ predictions: 2, labels: 1, remaining: 0 });
    expect(objects().length).toBe(2);
    for (const path of objects()) expect(readFileSync(server.fileOf(path)).includes(ada)).toBe(false);
  });

  it('goes before what was written anew where the bucket is full', async () => {
    const store = await withAda();
    server.fault = refusing(507, 'QuotaExceeded', ({ method }) => method === 'PUT');
    await expect(store.erase('ada@example.org')).rejects.toMatchObject({ code: 'ErasureIncomplete' });
    for (const path of objects()) expect(readFileSync(server.fileOf(path)).includes(ada)).toBe(false);
    expect(await count(store)).toBe(2);
  });

  it('proves nothing where the bucket keeps versions, however often it is said, and all once it keeps none', async () => {
    const store = await withAda();
    const before = objects();
    server.fault = ({ url = '' }, response) => {
      if (!url.includes('versioning')) return false;
      response.end('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>');
      return true;
    };
    const keepsVersions = {
      ...{ code: 'ErasureIncomplete', message: expect.stringContaining('keeps versions') },
    };
    await expect(store.erase('ada@example.org')).rejects.toMatchObject(keepsVersions);
    await expect(store.erase('ada@example.org')).rejects.toMatchObject(keepsVersions);
    await store.close();
    const next = await open();
    await expect(next.erase('ada@example.org')).rejects.toMatchObject(keepsVersions);
    server.fault = () => false;
    const erasure = await next.erase('ada@example.org');
    expect(erasure).toMatchObject({ predictions: 2, labels: 1, remaining: 0 });
    // What the first attempt wrote anew is proved by the last.
    const written = erasure.files.map(({ file }) => `${prefix}${file}`);
    expect(written.sort()).toEqual(before.filter((one) => !objects().includes(one)));
    expect(await next.erase('ada@example.org')).toMatchObject({ predictions: 0, labels: 0, files: [] });
  });

  it('writes labels anew before their predictions, by which they are found again where it is cut off', async () => {
    const { files } = await (await withAda()).erase('ada@example.org');
    expect(files.map(({ file }) => file.split('/')[0])).toEqual(['labels', 'predictions', 'predictions']);
  });
});

describe('a log whose machine is gone', () => {
  it('is found in the bucket, without reading it through', async () => {
    const store = await open();
    handIn(paths().inbox, [{ speed: 1 }, { speed: 2, at: now - day }]);
    await store.flush();
    await store.keepInBucket();
    await store.close();
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    writeFileSync(paths().keyFile, key);
    const next = await open();
    handIn(paths().inbox, [{ speed: 3 }]);
    await next.keepInBucket();
    await next.tick();
    expect(await next.status()).toMatchObject({
      predictions: 3,
      bucket: { objects: 2, counts: { fetched: 0 } },
    });
    expect(await rows(next, "SELECT (inputs->>'speed')::INTEGER FROM predictions ORDER BY 1")).toEqual([
      [1],
      [2],
      [3],
    ]);
  });

  it('counts a file that was written anew once', async () => {
    const store = await open();
    for (let index = 0; index < 14; index++) {
      handIn(paths().inbox, [{ speed: index }]);
      await store.flush();
    }
    await store.keepInBucket();
    await store.tidy();
    // Killed when the new one is there, and the old ones are, too.
    server.fault = refusing(503, 'SlowDown', ({ method }) => method === 'DELETE');
    await store.keepInBucket();
    server.fault = () => false;
    expect(objects().length).toBe(15);
    await store.close();
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    cpSync(paths().keyFile, logPaths(elsewhere).keyFile);
    folder = elsewhere;
    const next = await open();
    await next.keepInBucket();
    expect(await count(next)).toBe(14);
    await next.keepInBucket();
    expect(objects().length).toBe(1);
  });

  it('is not mixed with the log of another platform', async () => {
    const store = await filled([0]);
    await store.close();
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    writeFileSync(paths().keyFile, 'ab'.repeat(32));
    const other = await filled([1]);
    expect((await other.status()).bucket?.trouble).toContain('another key');
    expect(await count(other)).toBe(1);
    expect(objects().length).toBe(1);
  });
});

describe('what must not happen to a log with a bucket', () => {
  it('begins where it was killed, whatever it had written down', async () => {
    const store = await filled([0, 1]);
    await store.close();
    const catalogue = readFileSync(paths().objects);
    for (const known of [undefined, '', '{"objects":', catalogue]) {
      if (known === undefined) rmSync(paths().objects);
      else writeFileSync(paths().objects, known);
      const next = await open();
      await next.keepInBucket();
      expect(await next.status()).toMatchObject({ predictions: 2, bucket: { objects: 2, waiting: 0 } });
      await next.close();
    }
    expect(objects().length).toBe(2);
  });

  it('begins without its catalogue where all is in the bucket alone', async () => {
    const store = await filled([0, 1], { cacheSize: 1 });
    await forgetLocally(store);
    await store.close();
    rmSync(paths().objects);
    const next = await open();
    await next.keepInBucket();
    expect(await count(next)).toBe(2);
  });

  it('goes on without an object that is gone or damaged, says so and counts it', async () => {
    const store = await filled([0, 1, 2], { cacheSize: 1 });
    await forgetLocally(store);
    await store.close();
    const [gone = '', damaged = ''] = objects();
    rmSync(server.fileOf(gone));
    const bytes = readFileSync(server.fileOf(damaged));
    bytes.fill(0, 20, 40);
    writeFileSync(server.fileOf(damaged), bytes);
    const next = await open({ cacheSize: nothingStays });
    expect(await count(next)).toBe(1);
    const { counts, bucket } = await next.status();
    expect([counts.unreadable, bucket?.counts.missing]).toEqual([1, 1]);
    expect(said.filter(({ message }) => message.includes('is lost')).length).toBe(2);
    // What is damaged stays where it is, and is named by whoever proves an erasure.
    await next.keepInBucket();
    expect(existsSync(server.fileOf(damaged))).toBe(true);
    expect((await next.erase('ada')).unread).toEqual([`in the bucket: ${damaged.slice(prefix.length)}`]);
  });

  it('fetches anew what is damaged on this machine', async () => {
    const store = await filled([0, 1]);
    const [cut = '', damaged = ''] = localFiles();
    const bytes = readFileSync(damaged);
    bytes.fill(0xff, 4, bytes.length - 60);
    writeFileSync(damaged, bytes);
    expect(await count(store)).toBe(2);
    await store.close();
    writeFileSync(cut, readFileSync(cut).subarray(0, 50));
    const next = await open();
    expect(await count(next)).toBe(2);
    expect((await next.status()).counts.unreadable).toBe(0);
  });

  it('puts a file there again that others removed from the bucket', async () => {
    const store = await filled([0]);
    await store.close();
    rmSync(server.fileOf(objects()[0] ?? ''));
    const next = await open();
    await next.keepInBucket();
    expect((await next.status()).bucket).toMatchObject({ objects: 1, counts: { missing: 0, uploaded: 1 } });
    expect(objects().length).toBe(1);
  });

  it('loses nothing where another bucket or prefix is named', async () => {
    const store = await filled([0, 1], { cacheSize: 1 });
    await forgetLocally(store);
    await store.close();
    const elsewhere = await open({ prefix: `${prefix}elsewhere/` });
    await elsewhere.keepInBucket();
    const { bucket, predictions } = await elsewhere.status();
    expect([bucket?.trouble, predictions]).toEqual([expect.stringContaining('copy them here first'), 2]);
    await elsewhere.close();
    const back = await open();
    expect(await count(back)).toBe(2);
    await back.close();
    // What is all on this machine goes wherever it is told to.
    const moved = await open({ prefix: `${prefix}moved/` });
    await moved.keepInBucket();
    expect((await moved.status()).bucket).toMatchObject({ objects: 2, waiting: 0, counts: { uploaded: 2 } });
  });

  it('leaves alone what a later version may have put there', async () => {
    const store = await filled([0]);
    await store.close();
    const known = JSON.parse(readFileSync(paths().objects, 'utf8'));
    const name = objects()[0]?.slice(prefix.length) ?? '';
    const later = name.replace(/c1?\.parquet$/, 'x9.parquet');
    cpSync(server.fileOf(`${prefix}${name}`), server.fileOf(`${prefix}${later}`));
    known.objects[later] = known.objects[name];
    writeFileSync(paths().objects, JSON.stringify(known));
    const next = await open();
    await next.keepInBucket();
    expect(await count(next)).toBe(1);
    expect(existsSync(server.fileOf(`${prefix}${later}`))).toBe(true);
  });

  it('keeps a log that is no longer told of its bucket, and finds the rest when it is', async () => {
    const store = await filled([0, 1], { cacheSize: 1 });
    await forgetLocally(store);
    handIn(paths().inbox, [{}]);
    await store.flush();
    await store.close();
    const without = await PredictionStore.open({
      ...{
        paths: paths(),
        now: () => now,
        log: (_level, message, facts) => void said.push({ message, facts }),
      },
      settings: { ...defaultLogSettings, memory: 256 * 1024 ** 2 },
    });
    expect([await count(without), (await without.status()).counts.unreadable]).toEqual([1, 0]);
    expect(said.at(-1)?.message).toContain('no longer name');
    await without.close();
    expect(await count(await open())).toBe(3);
  });
});
