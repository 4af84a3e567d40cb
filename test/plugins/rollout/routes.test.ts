import { describe, expect, it } from 'vitest';
import type { Ref } from '../../../core/plugin.ts';
import { steadyClock } from '../../../libraries/steady-clock/index.ts';
import type { Command } from '../../../plugins/rollout/commands.ts';
import { Mailbox } from '../../../plugins/rollout/mailbox.ts';
import { rolloutRoutes } from '../../../plugins/rollout/routes.ts';

const sent: [Ref, Command][] = [];
const routes = rolloutRoutes({
  mailbox: {
    send: async (ref, command) => {
      sent.push([ref, command]);
      return 'it is done';
    },
  },
  machine: { runs: (environment) => environment === 'production' },
  isKnown: (ref) => ref === 'Deployment/production/bird-strike',
  now: () => 42,
});
const post = (path: string, body: unknown = { by: 'ada' }) =>
  routes(
    new Request('http://localhost/', {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
    path,
  );

describe('the routes of rollouts', () => {
  it('hand a verb to the deployment, with who and why', async () => {
    const answer = await post('deployments/production/bird-strike/promote', {
      by: ' ada ',
      reason: 'looks good',
      full: true,
    });
    expect(await answer?.json()).toEqual({
      verb: 'promote',
      deployment: 'production/bird-strike',
      message: 'it is done',
    });
    expect(sent).toEqual([
      [
        'Deployment/production/bird-strike',
        { verb: 'promote', by: 'ada', reason: 'looks good', isFull: true, at: 42 },
      ],
    ]);
  });

  it.each<[string, string, unknown, string]>([
    ['nobody', 'deployments/production/bird-strike/abort', {}, 'by needs the name'],
    [
      'a risk without a reason',
      'deployments/production/bird-strike/accept-risk',
      { by: 'ada' },
      'a reason is missing',
    ],
    ['a name of two lines', 'deployments/production/bird-strike/abort', { by: 'a\nb' }, 'in one line'],
    [
      'a reason that is none',
      'deployments/production/bird-strike/abort',
      { by: 'a', reason: '' },
      'reason is a text',
    ],
    ['a body that is no JSON', 'deployments/production/bird-strike/abort', '{', 'the body is not JSON'],
    [
      'a field of another verb',
      'deployments/production/bird-strike/abort',
      { by: 'a', full: true },
      'no field "full"',
    ],
    [
      'an unknown deployment',
      'deployments/production/other/abort',
      { by: 'a' },
      'there is no deployment production/other',
    ],
    [
      'an environment of another process',
      'deployments/dev/bird-strike/abort',
      { by: 'a' },
      'there is no deployment',
    ],
  ])('refuse %s', async (_, path, body, message) => {
    const before = sent.length;
    await expect(post(path, body)).rejects.toThrow(message);
    expect(sent).toHaveLength(before);
  });

  it('know no other verb, and only POST', async () => {
    expect(await post('deployments/production/bird-strike/destroy')).toBeUndefined();
    const get = routes(new Request('http://localhost/'), 'deployments/production/bird-strike/abort');
    await expect(get).rejects.toThrow('GET is not allowed');
  });
});

describe('the mailbox', () => {
  const command: Command = { verb: 'abort', by: 'ada', at: 0 };

  it('wakes the deployment, and brings back what the controller made of the command', async () => {
    const woken: Ref[] = [];
    const mailbox = new Mailbox((ref) => woken.push(ref));
    const answer = mailbox.send('Deployment/a/b', command);
    expect(woken).toEqual(['Deployment/a/b']);
    const [letter] = mailbox.take('Deployment/a/b');
    expect(letter?.command).toBe(command);
    letter?.obeyed('done');
    expect(await answer).toBe('done');
    expect(mailbox.take('Deployment/a/b')).toEqual([]);
  });

  it('withdraws what nobody takes, so that it is not done later', async () => {
    const mailbox = new Mailbox(() => {}, 10);
    await expect(mailbox.send('Deployment/a/b', command)).rejects.toThrow('did not take the command');
    expect(mailbox.take('Deployment/a/b')).toEqual([]);
  });
});

describe('the steady clock', () => {
  it('goes on evenly when the wall clock is set', () => {
    let wall = 1_000_000;
    let steady = 50;
    const now = steadyClock(
      () => wall,
      () => steady,
    );
    expect(now()).toBe(1_000_000);
    wall = 5;
    steady = 80;
    expect(now()).toBe(1_000_030);
  });
});
