import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SecretQuestion } from '../../../core/capabilities/secret-store.ts';
import { type Secrets, secrets } from '../../../core/capabilities/secrets.ts';
import { definePlugin, optional } from '../../../core/plugin.ts';
import { type Format, sealFile } from '../../../libraries/sops/index.ts';
import { plugin } from '../../../plugins/secrets/index.ts';
import { sopsStore } from '../../../plugins/secrets/sops-store.ts';
import { secretStoreSuite } from '../../conformance/secret-store.ts';
import { Yard } from '../../fixtures/yard.ts';

const now = Date.parse('2026-03-01T09:30:00Z');
let identity: string;
let recipient: string;
beforeAll(async () => {
  identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
});

const rule = { type: 'encrypted_regex', text: '^values$' } as const;
const manifestOf = (values: object) =>
  `apiVersion: switchyard/v1\nkind: Secret\nmetadata: { name: slack }\nspec:\n  store:\n    sops:\n      values: ${JSON.stringify(values)}\n`;
const sealManifest = (values: object, to = recipient) =>
  sealFile(manifestOf(values), { format: 'yaml', groups: [[to]], rule, now });

secretStoreSuite('sops, in the manifest', async () => {
  const asking = (text: string): SecretQuestion => ({
    secret: 'slack',
    place: { values: {} },
    files: new Map([['secrets/slack.yaml', text]]),
  });
  const other = await identityToRecipient(await generateIdentity());
  return {
    store: sopsStore(async () => [identity]),
    put: async (values) => asking(await sealManifest(values)),
    missing: undefined,
    senseless: [
      { secret: 'slack', place: { file: 'x' }, files: new Map() },
      asking(manifestOf({ token: 'x' })),
      asking(await sealFile('a: x\n', { format: 'yaml', groups: [[recipient]], now })),
    ],
    refused: [asking(await sealManifest({ token: 'x' }, other))],
    async close() {},
  };
});

secretStoreSuite('sops, in a JSON file', async () => {
  const asking = (text: string): SecretQuestion => ({
    secret: 'slack',
    place: { file: 'slack.enc.json' },
    files: new Map([['secrets/slack.enc.json', text]]),
  });
  const seal = (values: object, groups = [[recipient]]) =>
    sealFile(JSON.stringify(values), { format: 'json' as Format, groups, now });
  const other = await identityToRecipient(await generateIdentity());
  return {
    store: sopsStore(async () => [identity]),
    put: async (values) => asking(await seal(values)),
    missing: undefined,
    senseless: [asking('{'), asking('{"token":"x"}'), asking(await seal({ a_unencrypted: 'x' }))],
    refused: [asking(await seal({ a: 'x' }, [[other]]))],
    async close() {},
  };
});

describe('an encrypted Secret', () => {
  let yard: Yard;
  let known: Secrets;
  let variable: string | undefined;
  beforeEach(() => {
    yard = new Yard();
    variable = process.env.SOPS_AGE_KEY;
    process.env.SOPS_AGE_KEY = identity;
  });
  afterEach(async () => {
    if (variable === undefined) delete process.env.SOPS_AGE_KEY;
    else process.env.SOPS_AGE_KEY = variable;
    await yard.close();
  });

  const start = () => {
    const user = definePlugin({
      name: 'user',
      description: 'Reads secrets.',
      needs: { secrets: optional(secrets) },
      setup(_, given) {
        known = given.secrets.get('registry');
      },
    });
    return yard.start({ plugins: [plugin, user].map((definition) => ({ definition, options: {} })) });
  };
  const commit = async (text: string) => {
    await yard.commit({ 'secrets/slack.yaml': text });
    await yard.settle();
  };
  const condition = (type: string) =>
    yard.kernel.resource('Secret/slack')?.status?.conditions.find((one) => one.type === type);
  const token = async () => (await known.read({ name: 'slack', key: 'token' })).reveal();

  it('gives its values, nested ones by dots, and shows neither them nor more than its keys', async () => {
    await yard.commit({
      'secrets/slack.yaml': await sealManifest({ token: 'swordfish', db: { port: 5432 } }),
    });
    await start();
    expect(await token()).toBe('swordfish');
    expect((await known.read({ name: 'slack', key: 'db.port' })).reveal()).toBe('5432');
    expect(yard.kernel.resource('Secret/slack')?.status?.facts).toEqual({
      store: 'sops',
      keys: ['token', 'db.port'],
      encryptedAt: '2026-03-01T09:30:00Z',
    });
    expect(JSON.stringify([yard.kernel.resources(), yard.log.lines])).not.toContain('swordfish');
  });

  it('may be a file beside its manifest', async () => {
    const manifest =
      'apiVersion: switchyard/v1\nkind: Secret\nmetadata: { name: slack }\nspec:\n  store: { sops: { file: slack.enc.json } }\n';
    const options = { format: 'json', groups: [[recipient]], now } as const;
    await yard.commit({
      'secrets/slack.yaml': manifest,
      'secrets/slack.enc.json': await sealFile('{"token":"swordfish"}', options),
    });
    await start();
    expect(await token()).toBe('swordfish');
    await yard.commit({ 'secrets/slack.enc.json': await sealFile('{"token":"marlin"}', options) });
    await yard.settle();
    expect(await token()).toBe('marlin');
    await yard.commit({ 'secrets/slack.enc.json': '{"token":"hunter2"}' });
    await yard.settle();
    expect(condition('Ready')?.message).toMatch(/A SECRET STANDS HERE FOR ALL TO READ/);
    expect(await token()).toBe('marlin');
  });

  const tampered: readonly (readonly [string, (text: string) => string, string])[] = [
    [
      'with swapped items',
      (text) => text.replace(/\[ ?("[^"]*"), ?("[^"]*") ?\]/, '[$2, $1]'),
      'SecretTampered',
    ],
    [
      'with another lastmodified',
      (text) => text.replace(/lastmodified: .*/, 'lastmodified: "2027-01-01T00:00:00Z"'),
      'SecretTampered',
    ],
    [
      'with moved ciphertext',
      (text) => text.replace(/"?user"?: ("ENC[^"]*"), "?token"?: ("ENC[^"]*")/, '"user": $2, "token": $1'),
      'SecretTampered',
    ],
    ['without its MAC', (text) => text.replace(/^ +mac: .*\n/m, ''), 'InvalidManifest'],
    [
      'with a value in plain text',
      (text) => text.replace(/"?user"?: "ENC[^"]*"/, '"user": "hunter2"'),
      'InvalidManifest',
    ],
    ['not encrypted at all', () => manifestOf({ user: 'hunter2' }), 'InvalidManifest'],
  ];

  it.each(tampered)(
    '%s is refused, with the reason, and the last good values go on',
    async (_, change, reason) => {
      const good = await sealManifest({ user: 'ada', token: 'swordfish', list: ['p', 'q'] });
      await yard.commit({ 'secrets/slack.yaml': good });
      await start();
      expect(await token()).toBe('swordfish');
      const bad = change(good);
      expect(bad).not.toBe(good);
      await commit(bad);
      if (reason === 'InvalidManifest') {
        expect(condition('Ready')).toMatchObject({ status: 'False', reason });
        expect(condition('Ready')?.message).toMatch(/MAC is missing|FOR ALL TO READ/);
      } else {
        expect(condition('Ready')).toMatchObject({ status: 'True', reason: 'LastGood' });
        expect(condition('Degraded')).toMatchObject({ status: 'True', reason });
      }
      expect(await token()).toBe('swordfish');
      expect(JSON.stringify([yard.kernel.resources(), yard.log.lines])).not.toMatch(/swordfish|hunter2/);
      // What was read last goes on after a restart, too.
      await yard.stop();
      await start();
      expect(await token()).toBe('swordfish');
      await commit(await sealManifest({ user: 'ada', token: 'marlin' }));
      expect(await token()).toBe('marlin');
      expect(condition('Ready')).toMatchObject({ status: 'True', reason: 'Read' });
    },
  );

  it('for another machine is refused here, and says for whom it is', async () => {
    const other = await identityToRecipient(await generateIdentity());
    await yard.commit({ 'secrets/slack.yaml': await sealManifest({ token: 'x' }, other) });
    await start();
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'SecretRefused' });
    expect(condition('Ready')?.message).toContain(other);
  });
});
