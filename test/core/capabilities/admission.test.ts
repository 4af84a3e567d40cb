import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AdmissionQuestion,
  type AdmissionVerdict,
  admission,
} from '../../../core/capabilities/admission.ts';
import { definePlugin } from '../../../core/plugin.ts';
import { widget, widgetPlugin, Yard } from '../../fixtures/yard.ts';

let yard: Yard;
beforeEach(() => {
  yard = new Yard();
});
afterEach(() => yard.close());

/** A kernel whose commits are admitted by the given word. */
async function startWith(admit: (question: AdmissionQuestion) => Promise<AdmissionVerdict>): Promise<void> {
  const doorman = definePlugin({
    name: 'doorman',
    description: 'Lets commits in.',
    provides: [admission],
    setup: (host) => host.provide(admission, 'doorman', { admit }),
  });
  await yard.start({
    plugins: [
      { definition: widgetPlugin(yard.world), options: {} },
      { definition: doorman, options: {} },
    ],
  });
}

const refused: AdmissionVerdict = { admitted: false, cause: 'SignatureMissing', message: 'nobody signed it' };
const size = () => yard.world.get('a');

describe('the admission of commits', () => {
  it('keeps what was admitted last while the newest commit is refused', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    const asked: AdmissionQuestion[] = [];
    await startWith(async (question) => {
      asked.push(question);
      return question.commit === first ? { admitted: true } : refused;
    });
    const second = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    expect(size()).toBe(1);
    expect(yard.kernel.head()).toMatchObject({
      commit: second,
      applied: first,
      held: { commit: second, reason: 'SnapshotRejected', message: 'SignatureMissing: nobody signed it.' },
    });
    expect(asked[0]).toEqual({ commit: first, previous: null });
    expect(asked.at(-1)).toEqual({ commit: second, previous: first });
    const entries = await yard.kernel.journal({ type: 'snapshot.held', limit: 5 });
    expect(entries.map(({ commit, data }) => [commit, data])).toEqual([
      [second, { reason: 'SnapshotRejected', cause: 'SignatureMissing' }],
    ]);
    expect(await yard.kernel.metrics()).toMatch(/^switchyard_snapshot_rejected 1$/m);
  });

  it('cannot be overruled by an acknowledgement', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await startWith(async ({ commit }) => (commit === first ? { admitted: true } : refused));
    const second = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    await expect(yard.kernel.acknowledge(second, 'somebody')).rejects.toMatchObject({
      code: 'AcknowledgeRefused',
      message: expect.stringContaining('nobody signed it'),
    });
    await yard.settle();
    expect(size()).toBe(1);
  });

  it('applies a refused commit once it is admitted', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    let isApproved = false;
    await startWith(async ({ commit }) => (commit === first || isApproved ? { admitted: true } : refused));
    const second = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    expect(size()).toBe(1);
    isApproved = true;
    await yard.settle();
    expect(size()).toBe(2);
    expect(yard.kernel.head()).toMatchObject({ applied: second, held: null });
  });

  it('goes on with what was admitted last when it starts anew under a refused commit', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await startWith(async ({ commit }) => (commit === first ? { admitted: true } : refused));
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    await yard.stop();
    yard.world.clear();
    await startWith(async () => refused);
    await yard.settle();
    expect(size()).toBe(1);
    expect(yard.kernel.head()).toMatchObject({ applied: first, held: { reason: 'SnapshotRejected' } });
  });

  it('applies nothing while nobody can say whether it may', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await startWith(async () => {
      throw new Error('the keys cannot be read');
    });
    await yard.settle();
    expect(size()).toBeUndefined();
    expect(yard.kernel.head().held?.message).toContain('the keys cannot be read');
  });

  it('tells of it once, as an event that alerts can stand on', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await startWith(async ({ commit }) => (commit === first ? { admitted: true } : refused));
    const told: unknown[] = [];
    yard.kernel.on('snapshot.held', (payload) => told.push(payload));
    const commit = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    await yard.settle();
    const message = 'SignatureMissing: nobody signed it.';
    expect(told).toEqual([{ commit, reason: 'SnapshotRejected', cause: 'SignatureMissing', message }]);
  });

  it('begins with what is known to be admitted where the store knows nothing', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    const second = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await startWith(async () => ({ ...refused, lastAdmitted: first }));
    expect(size()).toBe(1);
    expect(yard.kernel.head()).toMatchObject({ applied: first, held: { commit: second } });
  });
});
