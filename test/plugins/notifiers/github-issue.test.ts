import { describe, expect, it } from 'vitest';
import { githubIssueNotifier } from '../../../plugins/notifiers/github-issue.ts';
import { firing, notifierSuite, resolved } from '../../conformance/notifier.ts';
import { openReceiver } from '../../fixtures/receiver.ts';

interface Issue {
  readonly number: number;
  title: string;
  body: string;
  state: string;
  labels: string[];
  readonly comments: string[];
}

/** The part of GitHub that keeps issues. */
async function open() {
  const receiver = await openReceiver();
  const issues: Issue[] = [];
  receiver.answer = ({ method, path, body }) => {
    const given = body === '' ? {} : (JSON.parse(body) as Partial<Issue> & { body?: string });
    const url = new URL(path, receiver.url);
    const [, number, part] =
      /^\/repos\/acme\/registry\/issues(?:\/(\d+)(\/comments)?)?$/.exec(url.pathname) ?? [];
    const issue = issues.find((one) => String(one.number) === number);
    if (number === undefined && method === 'GET') {
      return {
        body: issues.filter(
          ({ state, labels }) => state === 'open' && labels.includes(url.searchParams.get('labels') ?? ''),
        ),
      };
    }
    if (number === undefined && method === 'POST') {
      const made = {
        number: issues.length + 1,
        title: '',
        body: '',
        labels: [],
        ...given,
        state: 'open',
        comments: [],
      };
      issues.push(made);
      return { status: 201, body: made };
    }
    if (issue === undefined) return { status: 404 };
    if (part !== undefined && method === 'GET') return { body: issue.comments.map((one) => ({ body: one })) };
    if (part !== undefined) return { status: 201, body: issue.comments.push(given.body ?? '') };
    return { body: Object.assign(issue, given) };
  };
  return {
    receiver,
    issues,
    notifier: githubIssueNotifier,
    settings: { repository: 'acme/registry', url: receiver.url, labels: ['operations'] },
    secret: 'token-of-a-test',
    heard: () =>
      issues.flatMap(({ title, body, comments, state }) => [
        `${title}\n${body}`,
        ...comments,
        ...(state === 'closed' ? ['closed'] : []),
      ]),
    behave: (how: typeof receiver.behaviour) => {
      receiver.behaviour = how;
    },
    saysWhen: true,
    tellsOnce: true,
    close: () => receiver.close(),
  };
}

notifierSuite('github-issue', open);

describe('an issue', () => {
  it('is opened once for a group, commented when something changes, and closed when all is over', async () => {
    const { issues, settings, secret, close } = await open();
    const { signal } = new AbortController();
    const tell = (notification: typeof firing) =>
      githubIssueNotifier.notify({ notification, settings, secret }, signal);
    await tell(firing);
    expect(issues).toMatchObject([
      {
        title: '[firing] critical: production/geese was rolled back',
        labels: ['switchyard-alert', 'operations'],
      },
    ]);
    await tell({ ...firing, id: 'another' });
    await tell({ ...firing, id: 'another' });
    await tell(resolved);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.comments).toHaveLength(2);
    expect(issues[0]?.state).toBe('closed');
    await tell({ ...firing, id: 'and again' });
    expect(issues.map(({ state }) => state)).toEqual(['closed', 'open']);
    await close();
  });

  it('mentions nobody, and closes no other issue', async () => {
    const { issues, settings, secret, close } = await open();
    const alerts = firing.alerts.map((one) => ({
      ...one,
      summary: '@octocat fixes #7',
      description: 'closes acme/registry#8',
    }));
    await githubIssueNotifier.notify(
      { notification: { ...firing, alerts }, settings, secret },
      new AbortController().signal,
    );
    expect(issues[0]?.body).not.toMatch(/@octocat|#7|closes acme/);
    await close();
  });
});
