import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../core/state/open-store.ts';
import { createApp } from '../../../server/api/app.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { until } from '../../fixtures/until.ts';
import { widget, Yard } from '../../fixtures/yard.ts';
import { type Contract, contractOf } from './contract.ts';

let yard: Yard;
let contract: Contract;
beforeEach(async () => {
  yard = new Yard();
  yard.store = await openStore({ folder: yard.folder, log: yard.log });
});
afterEach(async () => {
  await yard.stop();
  await yard.store.close();
  await yard.close();
});

async function start() {
  const kernel = await yard.start();
  contract = await contractOf(createApp({ kernel, log: recordingLog() }));
}

async function get(path: string) {
  const answer = await contract.ask(path);
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

describe('the status API of a real kernel', () => {
  it('shows a registry being applied: head, resources, snapshot, plan and journal', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await start();
    const second = await yard.commit({
      'widgets/a.yaml': widget('a', { size: 2 }),
      'widgets/b.yaml': widget('b', { size: 3, on: 'a' }),
    });
    await yard.settle();

    expect((await get('/api/v1/head')).body).toMatchObject({
      commit: second,
      applied: second,
      held: null,
      phase: 'running',
    });
    expect((await get('/readyz')).body).toMatchObject({ ready: true });
    const { items } = (await get('/api/v1/resources?kind=widgets&ready=True')).body;
    expect(items).toMatchObject([
      { ref: 'Widget/a', spec: { size: 2 }, origin: { commit: second, path: 'widgets/a.yaml', line: 1 } },
      { ref: 'Widget/b', spec: { size: 3, on: 'a' } },
    ]);
    expect((await get('/api/v1/resources/widget/a')).body.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True', reason: 'Made', observedCommit: second }),
    );
    expect(
      (await get('/api/v1/snapshots')).body.items.map((each: { commit: string }) => each.commit),
    ).toEqual([second, first]);
    expect((await get(`/api/v1/snapshots/${second}`)).body).toMatchObject({
      state: 'applied',
      resources: 2,
      issues: [],
    });
    expect((await get(`/api/v1/plans/${second}`)).body).toMatchObject({
      from: first,
      changes: expect.arrayContaining([
        expect.objectContaining({
          ref: 'Widget/a',
          type: 'changed',
          fields: [{ pointer: '/spec/size', before: 1, after: 2 }],
        }),
        expect.objectContaining({ ref: 'Widget/b', type: 'added' }),
      ]),
    });
    expect((await get('/api/v1/plans')).body.items[0]).toMatchObject({
      to: second,
      changeCount: 2,
      stepCount: 2,
    });
    expect((await get(`/api/v1/journal?commit=${second}`)).body.items.length).toBeGreaterThan(0);
    expect((await get('/api/v1/kinds/widgets')).body).toMatchObject({ kind: 'Widget', plugin: 'widgets' });
    expect((await get('/api/v1/plugins')).body.items).toContainEqual(
      expect.objectContaining({ name: 'widgets' }),
    );
    const metrics = await (await contract.ask('/metrics')).text();
    expect(metrics).toContain('switchyard_resources{kind="Widget",ready="True"} 2');
  });

  it('shows what is wrong with a document beside its last good version, and one that was never valid', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await start();
    const broken =
      'apiVersion: switchyard/v1\nkind: Widget\nmetadata: { name: NAME }\nspec: { size: 2, sise: 2 }\n';
    await yard.commit({
      'widgets/a.yaml': broken.replace('NAME', 'a'),
      'widgets/c.yaml': broken.replace('NAME', 'c'),
    });
    await yard.settle();

    expect((await get('/api/v1/resources/Widget/a')).body).toMatchObject({
      spec: { size: 1 },
      issues: [{ code: 'UnknownField', path: 'widgets/a.yaml', line: 4, hint: 'Did you mean `size`?' }],
    });
    const { body } = await get('/api/v1/resources/Widget/c');
    expect(body).not.toHaveProperty('spec');
    expect(body).toMatchObject({ metadata: { name: 'c' }, issues: [{ pointer: '/spec/sise' }] });
    expect((await get('/api/v1/issues')).body.items).toHaveLength(2);
  });

  it('lets a held commit through when asked to, once', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `w${index}`);
    await yard.commit(
      Object.fromEntries(many.map((name) => [`widgets/${name}.yaml`, widget(name, { size: 1 })])),
    );
    await start();
    const emptying = await yard.commit(
      Object.fromEntries(many.slice(1).map((name) => [`widgets/${name}.yaml`, null])),
    );
    await yard.settle();
    expect((await get('/api/v1/head')).body.held).toMatchObject({
      commit: emptying,
      reason: 'MassRemovalHeld',
    });
    expect(yard.world.size).toBe(12);

    const acknowledge = () =>
      contract.ask(`/api/v1/snapshots/${emptying}/acknowledge`, {
        method: 'POST',
        body: '{"by":"ada"}',
        headers: { 'content-type': 'application/json' },
      });
    expect((await acknowledge()).status).toBe(200);
    await yard.settle();
    expect(yard.world.size).toBe(1);
    expect((await get('/api/v1/head')).body).toMatchObject({ held: null, applied: emptying });
    expect((await acknowledge()).status).toBe(409);
    expect((await get('/api/v1/journal?type=snapshot.acknowledged')).body.items).toMatchObject([
      { commit: emptying, data: { by: 'ada' } },
    ]);
  });

  it('reconciles when woken, and tells it in the stream of events', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await start();
    const reader = (
      await createApp({ kernel: yard.kernel, log: recordingLog() }).request('/api/v1/events')
    ).body?.getReader();
    if (reader === undefined) throw new Error('the stream has no body');
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += decoder.decode(part.value, { stream: true });
      }
    })();

    yard.world.delete('a');
    expect((await contract.ask('/api/v1/resources/Widget/a/reconcile', { method: 'POST' })).status).toBe(202);
    await until(() => yard.world.get('a') === 1);

    const second = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 7 }) });
    expect((await contract.ask('/api/v1/look', { method: 'POST' })).status).toBe(202);
    await until(() => yard.world.get('a') === 7);
    await until(
      () =>
        text.includes('event: resource.status') &&
        text.includes(`event: snapshot.applied\ndata: {"commit":"${second}"`),
    );
    await reader.cancel();
    await reading;
  });
});
