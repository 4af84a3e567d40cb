import { describe, expect, it } from 'vitest';
import { slackMessage, slackNotifier } from '../../../plugins/notifiers/slack.ts';
import { firing, notifierSuite, resolved } from '../../conformance/notifier.ts';
import { failureOf } from '../../fixtures/failure.ts';
import { openReceiver } from '../../fixtures/receiver.ts';

notifierSuite('slack', async () => {
  const receiver = await openReceiver();
  return {
    notifier: slackNotifier,
    settings: {},
    secret: `${receiver.url}/services/T0/B0/secret-part`,
    heard: () => receiver.received.map(({ body }) => textsIn(body)),
    behave: (how) => {
      receiver.behaviour = how;
    },
    saysWhen: true,
    tellsOnce: false,
    close: () => receiver.close(),
  };
});

interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly { readonly text: string }[];
}

function textsIn(body: string): string {
  const { blocks } = JSON.parse(body) as { blocks: readonly Block[] };
  return blocks
    .flatMap(({ text, elements = [] }) => [text?.text, ...elements.map((one) => one.text)])
    .join('\n');
}

describe('a message to Slack', () => {
  it('keeps to the limits of Block Kit, however much there is to say', () => {
    const [alert] = firing.alerts;
    if (alert === undefined) throw new Error('no alert');
    const long = { ...alert, summary: 'x'.repeat(4000), description: '<'.repeat(4000) };
    const message = slackMessage({ ...firing, alerts: Array(60).fill(long), omitted: 9_940 });
    const { blocks, text } = message as { blocks: readonly Block[]; text: string };
    expect(blocks.length).toBeLessThanOrEqual(50);
    expect(text.length).toBeLessThanOrEqual(3000);
    for (const block of blocks) {
      const longest = block.type === 'header' ? 150 : block.type === 'section' ? 3000 : 2000;
      for (const one of [block.text, ...(block.elements ?? [])]) {
        if (one !== undefined) expect(one.text.length).toBeLessThanOrEqual(longest);
      }
    }
    expect(JSON.stringify(blocks)).toContain('And 9990 more');
  });

  it('mentions nobody that a manifest or an error names', () => {
    const hostile = {
      ...firing,
      alerts: firing.alerts.map((one) => ({ ...one, summary: '<!channel> <@U1>', description: '<!here>' })),
    };
    const { blocks } = slackMessage(hostile) as { blocks: readonly Block[] };
    const marked = blocks.filter(({ type }) => type !== 'header');
    expect(JSON.stringify(marked)).not.toMatch(/<[!@]/);
  });

  it('shows that it is over', () => {
    const { blocks } = slackMessage(resolved) as { blocks: readonly Block[] };
    expect(blocks[0]?.text?.text).toBe('🟢 [resolved] critical: production/geese was rolled back');
  });
});

it('does not send to an address that anybody on the way could read', async () => {
  const telling = slackNotifier.notify(
    { notification: firing, settings: {}, secret: 'http://hooks.example.com/services/T0' },
    new AbortController().signal,
  );
  expect(await failureOf(telling)).toMatchObject({ code: 'NotifierRefused' });
});
