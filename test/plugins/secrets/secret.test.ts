import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  referenceOfSecret,
  type SecretRef,
  type Secrets,
  secrets,
} from '../../../core/capabilities/secrets.ts';
import { defineKind, definePlugin, optional, ready } from '../../../core/plugin.ts';
import { plugin } from '../../../plugins/secrets/index.ts';
import { until } from '../../fixtures/until.ts';
import { Yard } from '../../fixtures/yard.ts';

const manifest = (kind: string, name: string, spec: unknown) =>
  `apiVersion: switchyard/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${JSON.stringify(spec)}\n`;
const slack = (spec: object) => ({ 'secrets/slack.yaml': manifest('Secret', 'slack', spec) });
const inFile = (files: Record<string, string>) => ({ refresh: '10ms', store: { file: { files } } });
const receiver = (secretRef: SecretRef) => ({
  'receivers/home.yaml': manifest('Receiver', 'home', { secretRef }),
});
const token = { name: 'slack', key: 'token' };

const receiverKind = defineKind<{ readonly secretRef: SecretRef }>({
  kind: 'Receiver',
  plural: 'receivers',
  description: 'Somewhere to send to.',
  schema: { type: 'object' },
  path: 'receivers/{name}.yaml',
  references: ({ spec }) => [referenceOfSecret(spec.secretRef, '/spec/secretRef')],
});

describe('a Secret', () => {
  let yard: Yard;
  let folder: string;
  let known: Secrets;
  /** What the receiver sent, in order. */
  let sent: string[];
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  beforeEach(() => {
    yard = new Yard();
    sent = [];
    folder = join(yard.folder, 'run');
    mkdirSync(folder);
    write('token', 'swordfish');
  });
  afterEach(() => yard.close());

  async function start(): Promise<void> {
    const user = definePlugin({
      name: 'user',
      description: 'Sends a secret.',
      kinds: [receiverKind],
      needs: { secrets: optional(secrets) },
      setup(host, given) {
        known = given.secrets.get('registry');
        host.control(receiverKind, {
          async reconcile({ resource }) {
            const value = await known.read(resource.spec.secretRef, { usedBy: resource.ref });
            sent.push(value.reveal());
            return ready('Sent', `sent ${value}`);
          },
        });
      },
    });
    await yard.start({
      plugins: [plugin, user].map((definition) => ({ definition, options: {} })),
      settings: (name) => (name === 'secrets' ? { file: { folder } } : {}),
    });
  }
  const condition = (type: string, ref = 'Secret/slack') =>
    yard.kernel.resource(ref)?.status?.conditions.find((one) => one.type === type);
  const everything = async () =>
    JSON.stringify([yard.kernel.resources(), await yard.kernel.journal({ limit: 100 }), yard.log.lines]);

  it('is read, its status names its keys, and its value is seen nowhere', async () => {
    await yard.commit({ ...slack(inFile({ token: 'token' })), ...receiver(token) });
    await start();
    await until(() => sent.length > 0);
    expect(sent[0]).toBe('swordfish');
    expect(condition('Ready')).toMatchObject({ status: 'True', reason: 'Read' });
    expect(yard.kernel.resource('Secret/slack')?.status?.facts).toEqual({ store: 'file', keys: ['token'] });
    expect(await everything()).not.toContain('swordfish');
  });

  it('wakes who uses it when its value changes, and the journal says which key', async () => {
    await yard.commit({ ...slack(inFile({ token: 'token' })), ...receiver(token) });
    await start();
    await until(() => sent.length > 0);
    const heard: string[] = [];
    known.onRotation(() => {
      throw new Error('not now');
    });
    const stop = known.onRotation(() => heard.push('no more'));
    stop();
    known.onRotation((secret) => heard.push(secret));
    write('token', 'marlin');
    await until(() => sent.at(-1) === 'marlin');
    expect(heard).toEqual(['slack']);
    expect(yard.log.lines.map(({ message }) => message)).toContain('a listener to rotations failed');
    const [entry] = await yard.kernel.journal({ type: 'secret.rotated', limit: 10 });
    expect(entry).toMatchObject({
      ref: 'Secret/slack',
      message: 'Secret/slack has new values: token',
      data: { keys: ['token'], users: ['Receiver/home'] },
    });
    expect(await everything()).not.toMatch(/swordfish|marlin/);
  });

  it('goes on with its last good value while its store gives none', async () => {
    await yard.commit(slack(inFile({ token: 'token' })));
    await start();
    rmSync(join(folder, 'token'));
    await until(() => condition('Degraded')?.status === 'True');
    expect(condition('Ready')).toMatchObject({ status: 'True', reason: 'LastGood' });
    expect(condition('Degraded')).toMatchObject({ reason: 'SecretMissing' });
    expect((await known.read(token)).reveal()).toBe('swordfish');
  });

  it('that has never been read says why, and to whoever asks; it wakes them once it is', async () => {
    rmSync(join(folder, 'token'));
    await yard.commit({ ...slack(inFile({ token: 'token' })), ...receiver(token) });
    await start();
    await until(() => condition('Ready')?.reason === 'SecretMissing');
    await expect(known.read(token)).rejects.toMatchObject({ code: 'SecretMissing' });
    write('token', 'marlin');
    yard.kernel.wake('Secret/slack');
    await until(() => sent.at(-1) === 'marlin');
  });

  it('is forgotten with its manifest', async () => {
    const others = ['a', 'b', 'c'].map((name) => [
      `secrets/${name}.yaml`,
      manifest('Secret', name, inFile({ token: 'token' })),
    ]);
    await yard.commit({ ...slack(inFile({ token: 'token' })), ...Object.fromEntries(others) });
    await start();
    expect((await known.read(token)).reveal()).toBe('swordfish');
    await yard.commit({ 'secrets/slack.yaml': null });
    await yard.settle();
    await expect(known.read(token)).rejects.toMatchObject({ code: 'SecretUnknown' });
  });

  it('is asked for by its keys alone: another is told those that there are', async () => {
    await yard.commit(slack(inFile({ token: 'token' })));
    await start();
    const asked = known.read({ name: 'slack', key: 'tokn' });
    await expect(asked).rejects.toMatchObject({ code: 'SecretKeyUnknown', hint: 'There are: token.' });
  });

  it('of a store that no plugin brings says which there are', async () => {
    await yard.commit(slack({ store: { vaults: { path: 'x' } } }));
    await start();
    await until(() => condition('Ready')?.reason === 'ProviderMissing');
    expect(condition('Ready')?.message).toContain('vaults');
  });

  it.each([
    ['a value in place of a variable', { store: { env: { variables: { token: 'hunter2-hunter2' } } } }],
    ['data, as Kubernetes has it', { store: { env: { variables: { a: 'A' } } }, data: { token: 'hunter2' } }],
    ['values beside the store', { store: { env: { variables: { a: 'A' } } }, values: { token: 'hunter2' } }],
    ['no store', { token: 'hunter2' }],
    ['two stores', { store: { env: { variables: { a: 'A' } }, file: { files: { a: 'hunter2' } } } }],
  ])('with %s is refused, and what it holds is not repeated', async (_, spec) => {
    await yard.commit(slack(spec));
    await start();
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'InvalidManifest' });
    expect(await everything()).not.toContain('hunter2');
  });
});
