import { expect, it } from 'vitest';
import { withoutDescriptors } from '../../fixtures/without-descriptors.ts';

it.skipIf(process.platform === 'win32')(
  'a process that no descriptor is left for is started once there is one',
  async () => {
    const modules = { SupervisedProcess: 'server/supervisor/supervised-process.js' };
    const work = `
      const { closeSync } = await import('node:fs');
      const said = [];
      const log = { error: (facts) => said.push(facts.error), warn() {}, info() {} };
      const supervised = new SupervisedProcess({
        name: 'inference-0',
        program: packageFile('dist/plugins/serving/dataplane/trial-main.js'),
        arguments: () => [],
        environment: () => ({}),
        lines: { follow: (name, stream) => stream.resume() },
        log,
        onMessage() {},
      });
      supervised.start();
      while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      for (const descriptor of held) closeSync(descriptor);
      while (supervised.pid === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      supervised.kill();
      return said.join();`;
    expect(await withoutDescriptors(modules, work)).toContain('EMFILE');
  },
);
