import { sign } from '@octokit/webhooks-methods';
import { plugin } from '../../../plugins/forge-github/index.ts';
import { deliveriesSuite } from '../../fixtures/forges/deliveries-suite.ts';

const repository = { full_name: 'Acme/registry' };

deliveriesSuite('GitHub', {
  plugin,
  provider: 'github',
  settings: {},
  options: { repository: 'acme/registry' },
  identity: 'x-github-delivery',
  // GitHub's own library signs: it is the oracle.
  sign: async (body, secret) => ({
    'x-hub-signature-256':
      secret === '' ? `sha256=${'0'.repeat(64)}` : await sign(secret, Buffer.from(body).toString('utf8')),
  }),
  event: (number, at) => ({
    headers: { 'x-github-event': 'pull_request' },
    body: JSON.stringify({ action: 'synchronize', repository, pull_request: { number, updated_at: at } }),
  }),
  dull: () => ({
    headers: { 'x-github-event': 'star' },
    body: JSON.stringify({ action: 'created', repository }),
  }),
});
