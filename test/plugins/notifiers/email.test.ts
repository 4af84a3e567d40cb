import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { emailNotifier } from '../../../plugins/notifiers/email.ts';
import { firing, notifierSuite, resolved } from '../../conformance/notifier.ts';
import { failureOf } from '../../fixtures/failure.ts';

type Behaviour = 'well' | 'busy' | 'refusing' | 'hanging';

/** A real mail server on loopback. */
async function open() {
  const mails: string[] = [];
  let behaviour: Behaviour = 'well';
  const refusal = () => {
    if (behaviour === 'busy') return Object.assign(new Error('try again later'), { responseCode: 451 });
    if (behaviour === 'refusing') return Object.assign(new Error('no such mailbox'), { responseCode: 550 });
    return undefined;
  };
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'switchyard' && password === 'password-of-a-test') done(null, { user: username });
      else done(Object.assign(new Error('wrong'), { responseCode: 535 }));
    },
    onRcptTo: (_address, _session, done) => {
      if (behaviour !== 'hanging') done(refusal());
    },
    onData: async (stream, _session, done) => {
      let text = '';
      for await (const piece of stream) text += piece;
      mails.push(text);
      done();
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    notifier: emailNotifier,
    settings: {
      to: ['on-call@example.com'],
      from: 'switchyard@example.com',
      host: '127.0.0.1',
      port,
      username: 'switchyard',
      requireTls: false,
    },
    secret: 'password-of-a-test',
    mails,
    // Lines of a mail are folded, and its date and boundary are new each time.
    heard: () =>
      mails.map((mail) =>
        mail
          .replaceAll(/^Date: .*\r\n/gm, '')
          .replaceAll('=\r\n', '')
          .replaceAll('=3D', '='),
      ),
    behave: (how: Behaviour) => {
      behaviour = how;
    },
    saysWhen: false,
    tellsOnce: false,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

notifierSuite('email', open);

describe('mail', () => {
  it('of one group is one thread, and the same mail has the same name', async () => {
    const { mails, settings, secret, close } = await open();
    const { signal } = new AbortController();
    await emailNotifier.notify({ notification: firing, settings, secret }, signal);
    await emailNotifier.notify({ notification: resolved, settings, secret }, signal);
    const header = (name: string) =>
      mails.map((mail) => new RegExp(`^${name}: *(?:\r\n )?(.*)\r$`, 'm').exec(mail)?.[1]);
    expect(header('Subject')).toEqual([
      '[firing] critical: production/geese was rolled back',
      '[resolved] critical: production/geese was rolled back',
    ]);
    expect(header('Message-ID')[0]).toBe(`<${firing.id}@example.com>`);
    const [thread, other] = header('References');
    expect(thread).toMatch(/^<.+@example\.com>$/);
    expect(other).toBe(thread);
    expect(header('Auto-Submitted')).toEqual(['auto-generated', 'auto-generated']);
    await close();
  });

  it('is not sent without TLS unless that is asked for', async () => {
    const { mails, settings, secret, close } = await open();
    const strict = { ...settings, requireTls: true };
    const telling = emailNotifier.notify(
      { notification: firing, settings: strict, secret },
      new AbortController().signal,
    );
    expect(await failureOf(telling)).toMatchObject({
      code: 'NotifierRefused',
      hint: expect.stringContaining('requireTls'),
    });
    expect(mails).toEqual([]);
    await close();
  });

  it('with a wrong password needs a human', async () => {
    const { settings, close } = await open();
    const telling = emailNotifier.notify(
      { notification: firing, settings, secret: 'wrong-password' },
      new AbortController().signal,
    );
    const failure = await failureOf(telling);
    expect(failure).toMatchObject({ code: 'NotifierRefused' });
    expect(failure.message).not.toContain('wrong-password');
    await close();
  });
});
