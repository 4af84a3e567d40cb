import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ControlLink } from '../../../../../plugins/serving/dataplane/control/control-link.ts';
import { Idempotence } from '../../../../../plugins/serving/dataplane/idempotence/idempotence.ts';
import type { Ask, AskName } from '../../../../../plugins/serving/dataplane/interface/asks.ts';
import {
  type Claimed,
  Claims,
  type KeptAnswer,
} from '../../../../../plugins/serving/dataplane/interface/claims.ts';
import { until } from '../../../../fixtures/until.ts';
import { ControlEnd } from '../fixtures/control-end.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;
let control: ControlEnd;
let link: ControlLink;

beforeEach(async () => {
  folder = temporaryFolder();
  serving = await startServing();
  const path = join(folder.path, 'control.sock');
  control = await ControlEnd.listen(path);
  link = new ControlLink({
    path,
    hello: { type: 'hello', id: '0', pid: 1, startedAt: new Date().toISOString() },
    report: () => serving.process.report(),
    onTable: () => {},
    log: () => {},
    firstRetryMs: 10,
  });
  link.start();
  await until(() => control.hellos.length === 1);
});

afterEach(async () => {
  await link.close();
  await control.close();
  await serving.stop();
  folder.remove();
});

const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
const answer: KeptAnswer = { status: 200, headers: [], text: 'x'.repeat(200_000) };
const asked = <Name extends AskName>(what: Name) =>
  control.asks.filter((ask): ask is Extract<Ask, { readonly what: Name }> => ask.what === what);

it('lets no key be under way for ever because many answers wait to be read by control', async () => {
  const idempotence = new Idempotence(link);
  const claims = new Claims();
  const claimed = await Promise.all(keys.map((key) => idempotence.claim(key, 'asked')));
  expect(new Set(claimed.map(({ state }) => state))).toEqual(new Set(['yours']));
  for (const key of keys) idempotence.settle(key, answer);
  await until(() => asked('settle').length === keys.length);
  for (const { about } of asked('claim')) claims.claim(about.key, 'asked', link);
  for (const { about } of asked('settle')) claims.settle(about.key, link, about.answer);
  const states = keys.map((key) => claims.claim(key, 'asked', 'another process').state);
  // Those that were waiting for too long are free; whoever is asked next answers them anew.
  expect(new Set(states)).toEqual(new Set(['answered', 'yours']));
  // Who comes again to this process is answered as before.
  for (const key of keys)
    expect(await idempotence.claim(key, 'asked')).toEqual({ state: 'answered', answer } satisfies Claimed);
});

it('tells control nothing of keys that it was not asked about', async () => {
  await control.close();
  const alone = new Idempotence(link);
  await until(() => !link.isHeard);
  expect(await alone.claim('key', 'asked')).toEqual({ state: 'yours' });
  control = await ControlEnd.listen(join(folder.path, 'control.sock'));
  await until(() => control.hellos.length === 1);
  alone.settle('key', answer);
  expect(await alone.claim('another', 'asked')).toEqual({ state: 'yours' });
  expect(control.asks.map(({ what }) => what)).toEqual(['claim']);
});
