import { createHmac } from 'node:crypto';
import { plugin } from '../../../plugins/forge-gitea/index.ts';
import { deliveriesSuite } from '../../fixtures/forges/deliveries-suite.ts';

const repository = { full_name: 'acme/registry' };

deliveriesSuite('Gitea', {
  plugin,
  provider: 'gitea',
  settings: {},
  options: { repository: 'acme/registry' },
  identity: 'x-gitea-delivery',
  sign: (body, secret) => ({
    'x-gitea-signature': createHmac('sha256', secret).update(body).digest('hex'),
  }),
  event: (number, at) => ({
    headers: { 'x-gitea-event': 'pull_request_approved' },
    body: JSON.stringify({
      action: 'reviewed',
      repository,
      number,
      pull_request: { number, updated_at: at },
    }),
  }),
  dull: () => ({
    headers: { 'x-gitea-event': 'fork' },
    body: JSON.stringify({ forkee: repository, repository }),
  }),
});
