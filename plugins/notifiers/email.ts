import type { Notifier, NotifierSettings } from '../../core/capabilities/notifier.ts';
import { notifierRefused, notifierUnreachable } from '../../core/capabilities/notifier-errors.ts';
import { subjectOf, textOf } from './words.ts';

/** Sends plain mail by SMTP. What is said of one group is one thread. */
export const emailNotifier: Notifier = {
  secret: 'optional',
  secretIs: 'the password of the mail account',

  problem({ to, from, host, username }) {
    if (!Array.isArray(to) || to.length === 0) return 'it needs to: who gets the mail';
    if (typeof from !== 'string' || typeof host !== 'string') return 'it needs from and host';
    return username !== undefined && typeof username !== 'string' ? 'its username is a text' : undefined;
  },

  async notify({ notification, settings, secret }, signal) {
    const { from, to, host, port, username, requireTls } = settingsOf(settings);
    const where = `${host}:${port}`;
    // Loaded with the first mail: most platforms send none.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port,
      secure: port === 465,
      requireTLS: requireTls,
      ignoreTLS: false,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 20_000,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(username === undefined || secret === undefined ? {} : { auth: { user: username, pass: secret } }),
    });
    const stop = () => transport.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      const domain = from.slice(from.indexOf('@') + 1);
      const thread = `<${Buffer.from(notification.group).toString('base64url').slice(0, 60)}@${domain}>`;
      await transport.sendMail({
        from,
        to: [...to],
        subject: subjectOf(notification),
        text: textOf(notification),
        messageId: `<${notification.id}@${domain}>`,
        references: thread,
        inReplyTo: thread,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Switchyard-Notification': notification.id },
      });
    } catch (error) {
      throw troubleOf(error, where);
    } finally {
      signal.removeEventListener('abort', stop);
      transport.close();
    }
  },
};

function settingsOf(settings: NotifierSettings) {
  const { from, to, host, port = 587, username, requireTls = true } = settings;
  return {
    from: String(from),
    to: (Array.isArray(to) ? to : [to]).map(String),
    host: String(host),
    port: Number(port),
    username: typeof username === 'string' ? username : undefined,
    requireTls: requireTls !== false,
  };
}

/** 4xx of SMTP passes, 5xx does not; what never got that far may. */
function troubleOf(error: unknown, where: string): Error {
  const { code, responseCode, message } = error as {
    readonly code?: string;
    readonly responseCode?: number;
    readonly message?: string;
  };
  const reason = String(message ?? error).slice(0, 300);
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    return notifierRefused(
      where,
      'the mail server does not let it log in',
      'See that username and password are right.',
    );
  }
  if (code === 'ETLS' && /does not support|STARTTLS/i.test(reason)) {
    return notifierRefused(where, reason, 'Use a mail server with TLS, or write `requireTls: false`.');
  }
  if (responseCode === undefined ? code === 'EENVELOPE' : responseCode >= 500) {
    return notifierRefused(
      where,
      reason,
      'See that its addresses are right, and that this machine may send mail there.',
    );
  }
  return notifierUnreachable(where, reason);
}
