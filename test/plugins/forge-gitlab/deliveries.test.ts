import { plugin } from '../../../plugins/forge-gitlab/index.ts';
import { deliveriesSuite } from '../../fixtures/forges/deliveries-suite.ts';

const project = { path_with_namespace: 'acme/registry' };

deliveriesSuite('GitLab', {
  plugin,
  provider: 'gitlab',
  settings: {},
  options: { project: 'acme/registry' },
  identity: 'idempotency-key',
  sign: (_body, secret) => ({ 'x-gitlab-token': secret }),
  event: (iid, at) => ({
    headers: { 'x-gitlab-event': 'Merge Request Hook' },
    body: JSON.stringify({
      object_kind: 'merge_request',
      project,
      object_attributes: {
        iid,
        action: 'approved',
        updated_at: at.replace('T', ' ').replace(/\.\d+Z/, ' UTC'),
      },
    }),
  }),
  dull: () => ({
    headers: { 'x-gitlab-event': 'Wiki Page Hook' },
    body: JSON.stringify({ object_kind: 'wiki_page', project }),
  }),
});
