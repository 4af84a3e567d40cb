/** Tells people and other systems of alerts: webhooks, Slack, mail, PagerDuty, Alertmanager, issues on GitHub. */
import { notifier } from '../../core/capabilities/notifier.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'notifiers',
  description: 'Tells of alerts: by webhook, Slack, mail, PagerDuty, Alertmanager, issues on GitHub.',
  provides: [notifier],
  async setup(host) {
    const { alertmanagerNotifier } = await import('./alertmanager.ts');
    const { emailNotifier } = await import('./email.ts');
    const { githubIssueNotifier } = await import('./github-issue.ts');
    const { pagerdutyNotifier } = await import('./pagerduty.ts');
    const { slackNotifier } = await import('./slack.ts');
    const { webhookNotifier } = await import('./webhook.ts');
    host.provide(notifier, 'alertmanager', alertmanagerNotifier);
    host.provide(notifier, 'email', emailNotifier);
    host.provide(notifier, 'github-issue', githubIssueNotifier);
    host.provide(notifier, 'pagerduty', pagerdutyNotifier);
    host.provide(notifier, 'slack', slackNotifier);
    host.provide(notifier, 'webhook', webhookNotifier);
  },
});
