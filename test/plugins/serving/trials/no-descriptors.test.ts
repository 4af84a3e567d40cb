import { expect, it } from 'vitest';
import { withoutDescriptors } from '../../../fixtures/without-descriptors.ts';

const version = `{ path: '/none', digest: 'sha256:0', signature: { inputs: [], outputs: [] }, examples: [] }`;

it.skipIf(process.platform === 'win32')(
  'a trial is refused, and the inference process lives on, where no descriptor is left to start it',
  async () => {
    const modules = { tryApart: 'plugins/serving/dataplane/load/try-apart.js' };
    const work = `return tryApart(${version}, 5_000).catch((error) => error.message);`;
    expect(await withoutDescriptors(modules, work)).toContain('EMFILE');
  },
);

it.skipIf(process.platform === 'win32')(
  'a trial is refused, and the control process lives on, where no descriptor is left to start it',
  async () => {
    const modules = { TrialProcess: 'plugins/serving/trials/trial-process.js' };
    const work = `
      const program = packageFile('dist/plugins/serving/dataplane/trial-main.js');
      const trial = new TrialProcess({ program, timeoutMs: 5_000, maxBytes: 2 ** 30, where: 'models/m.yaml' });
      const said = await trial.call({ call: 'load', version: ${version} }).catch((error) => error.message);
      await trial.ended;
      return said;`;
    expect(await withoutDescriptors(modules, work)).toContain('EMFILE');
  },
);
