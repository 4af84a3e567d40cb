import { expect } from 'vitest';
import { forgeSuite } from '../../conformance/forge.ts';
import { hostedSubject } from '../../fixtures/forges/hosted-subject.ts';
import { gitHubKind } from './subject.ts';

for (const as of ['token', 'app'] as const) {
  forgeSuite(`GitHub with ${as === 'app' ? 'an App' : 'a token'}`, async () => {
    const subject = await hostedSubject(gitHubKind(as));
    return {
      ...subject,
      async close() {
        await subject.close();
        // Whatever was asked and answered is as GitHub's OpenAPI description says.
        expect([...new Set(subject.server.violations)]).toEqual([]);
      },
    };
  });
}
