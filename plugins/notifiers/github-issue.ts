import type { Notification, Notifier } from '../../core/capabilities/notifier.ts';
import { notifierRefused } from '../../core/capabilities/notifier-errors.ts';
import { clearTextProblem, hintFor, originOf, said, sender } from './sender.ts';
import { cut, markdownOf, subjectOf } from './words.ts';

const usual = 'https://api.github.com';
const label = 'switchyard-alert';
/** GitHub takes 65,536 characters. */
const longestBody = 60_000;

interface Issue {
  readonly number: number;
  readonly body: string | null;
}

/** Keeps one issue for each group of alerts: opened when it fires, commented when it changes, closed when it is over. */
export const githubIssueNotifier: Notifier = {
  secret: 'required',
  secretIs: 'a token that may write issues',

  problem: ({ url, repository }) => {
    if (typeof repository !== 'string' || !/^[\w.-]+\/[\w.-]+$/.test(repository))
      return 'it needs a repository, as owner/name';
    return url === undefined ? undefined : clearTextProblem(url);
  },

  async notify({ notification, settings, secret = '' }, signal) {
    const base = typeof settings.url === 'string' ? settings.url.replace(/\/+$/, '') : usual;
    const labels = Array.isArray(settings.labels) ? (settings.labels as string[]) : [];
    const ask = asker(base, String(settings.repository), secret, signal);
    const issue = await openIssueOf(notification, ask);
    if (issue === undefined) {
      // What was never told to be wrong need not be told to be right.
      if (notification.status === 'resolved') return;
      const made = await ask<Issue>('POST', '/issues', {
        title: titleOf(notification),
        body: bodyOf(notification),
        labels: [label, ...labels],
      });
      if (notification.status === 'test') await ask('PATCH', `/issues/${made.number}`, { state: 'closed' });
      return;
    }
    if (issue.body?.includes(idMark(notification)) !== true) {
      await commentOnce(issue, notification, ask);
    }
    await ask('PATCH', `/issues/${issue.number}`, {
      title: titleOf(notification),
      body: bodyOf(notification),
      ...(notification.status === 'resolved' ? { state: 'closed', state_reason: 'completed' } : {}),
    });
  },
};

type Ask = <T>(method: string, path: string, body?: object) => Promise<T>;

function asker(base: string, repository: string, token: string, signal: AbortSignal): Ask {
  const where = `${originOf(base)}/${repository}`;
  const send = sender(where, token);
  return async <T>(method: string, path: string, body?: object) => {
    const { status, text } = await send(`${base}/repos/${repository}${path}`, {
      method,
      signal,
      headers: {
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        'user-agent': 'switchyard',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (status < 200 || status >= 300)
      throw notifierRefused(where, `it answered ${status}${said(text)}`, hintFor(status));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
}

const pageSize = 100;

async function openIssueOf(notification: Notification, ask: Ask): Promise<Issue | undefined> {
  for (let page = 1; ; page++) {
    const issues = await ask<readonly Issue[]>(
      'GET',
      `/issues?labels=${label}&state=open&per_page=${pageSize}&page=${page}`,
    );
    const found = issues.find(({ body }) => body?.includes(groupMark(notification)));
    if (found !== undefined || issues.length < pageSize) return found;
  }
}

/** A comment that was written before a crash is not written again. */
async function commentOnce(issue: Issue, notification: Notification, ask: Ask): Promise<void> {
  const comments = await ask<readonly { readonly body?: string }[]>(
    'GET',
    `/issues/${issue.number}/comments?since=${encodeURIComponent(notification.at)}&per_page=${pageSize}`,
  );
  if (comments.some(({ body }) => body?.includes(idMark(notification)))) return;
  const body = `${cut(markdownOf(notification), longestBody)}\n\n${idMark(notification)}`;
  await ask('POST', `/issues/${issue.number}/comments`, { body });
}

function titleOf(notification: Notification): string {
  return cut(subjectOf(notification), 200);
}

function bodyOf(notification: Notification): string {
  return [
    cut(markdownOf(notification), longestBody),
    'Switchyard keeps this issue up to date and closes it when all of it is over.',
    `${groupMark(notification)}\n${idMark(notification)}`,
  ].join('\n\n');
}

function groupMark({ group }: Notification): string {
  return `<!-- switchyard alerts ${encodeURIComponent(group)} -->`;
}

function idMark({ id }: Notification): string {
  return `<!-- switchyard notification ${id} -->`;
}
