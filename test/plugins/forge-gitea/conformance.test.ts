import { expect } from 'vitest';
import { forgeSuite } from '../../conformance/forge.ts';
import { hostedSubject } from '../../fixtures/forges/hosted-subject.ts';
import { giteaKind } from './subject.ts';

forgeSuite('Gitea', async () => {
  const subject = await hostedSubject(giteaKind);
  return {
    ...subject,
    async close() {
      await subject.close();
      expect([...new Set(subject.server.violations)]).toEqual([]);
    },
  };
});
