import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openRepository } from '../../libraries/git/open-repository.ts';
import { GitForge } from '../../plugins/forge-git/git-forge.ts';
import { goose } from '../plugins/previews/goose.ts';
import { type Platform, Yard } from './yard.ts';

// A whole platform, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const production = 'environments/production/bird-strike.yaml';
const token = 'open-sesame';
const ada = { name: 'Ada', email: 'ada@example.com' };

let yard: Yard;
let platform: Platform;
beforeAll(async () => {
  yard = await Yard.open();
  platform = await yard.up(yard.registry, [], { SWITCHYARD_API_TOKEN: token });
  await platform.converged();
});
afterAll(() => yard?.close(), 60_000);

it('tries a proposal from the command line while production answers as before', async () => {
  const repository = await openRepository(yard.registry);
  const forge = new GitForge({ repository, base: 'refs/heads/main' });
  const manifest = await yard.git('show', `main:${production}`);
  const { number } = await forge.open({
    key: 'promote:Deployment/production/bird-strike',
    on: await yard.git('rev-parse', 'main'),
    changes: new Map([[production, `${manifest.replace('version: 1.0.0', 'version: 1.1.0')}\n`]]),
    message: 'Promote bird-strike 1.1.0 to production\n',
    title: 'Promote bird-strike 1.1.0 to production',
    body: '',
    author: ada,
  });
  await writeFile(join(yard.folder, 'goose.json'), JSON.stringify(goose));
  const { api } = platform.run;
  const predict = (...more: string[]) =>
    yard.switchyard(
      ['predict', 'bird-strike', '--api', api, '--data', '@goose.json', '-o', 'json', ...more],
      {
        SWITCHYARD_API_TOKEN: token,
      },
    );

  const tried = await predict('--proposal', String(number));
  expect(tried.status).toBe(0);
  expect(JSON.parse(tried.out)).toMatchObject({ model_version: '1.1.0' });
  const now = await predict();
  expect(JSON.parse(now.out)).toMatchObject({ model_version: '1.0.0' });
  const inputs = await yard.switchyard(
    ['predict', 'bird-strike', '--api', api, '--inputs', '--proposal', String(number)],
    {
      SWITCHYARD_API_TOKEN: token,
    },
  );
  expect(inputs.out).toContain('wildlife_species');

  const without = await yard.switchyard([
    'predict',
    'bird-strike',
    '--api',
    api,
    '--data',
    '@goose.json',
    '--proposal',
    String(number),
  ]);
  expect(without.status).not.toBe(0);
  expect(without.err).toContain('Unauthorized');
  const none = await predict('--proposal', '99');
  expect(none.status).toBe(4);
  expect(none.err).toContain('there is no proposal 99');

  await forge.close(number, { by: ada, reason: 'tried enough' });
  await platform.until('the preview is gone', async () =>
    (await predict('--proposal', String(number))).err.includes('is closed'),
  );
  await forge.stop();
  await repository.close();
});
