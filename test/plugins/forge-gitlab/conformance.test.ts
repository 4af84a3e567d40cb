import { expect } from 'vitest';
import { forgeSuite } from '../../conformance/forge.ts';
import { hostedSubject } from '../../fixtures/forges/hosted-subject.ts';
import { gitLabKind } from './subject.ts';

forgeSuite('GitLab', async () => {
  const subject = await hostedSubject(gitLabKind);
  return {
    ...subject,
    async close() {
      await subject.close();
      expect([...new Set(subject.server.violations)]).toEqual([]);
    },
  };
});
