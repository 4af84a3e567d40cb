import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { defaultLicences, licenceCheck } from '../../plugins/models/checks/licence-check.ts';
import { lineageCheck } from '../../plugins/models/checks/lineage-check.ts';
import { modelCardCheck } from '../../plugins/models/checks/model-card-check.ts';
import { quarantineCheck } from '../../plugins/models/checks/quarantine-check.ts';
import { semanticVersionCheck } from '../../plugins/models/checks/semantic-version-check.ts';
import { signatureCheck } from '../../plugins/models/checks/signature-check.ts';
import { temporaryFolder } from '../fixtures/git-repository.ts';
import { countedRequests } from '../plugins/proposals/counted-requests.ts';
import {
  oneApproval,
  openWorld,
  production,
  promotion,
  type World,
} from '../plugins/proposals/proposal-world.ts';

const page = readFileSync(packageFile('docs/proposals.md'), 'utf8');

let folder: ReturnType<typeof temporaryFolder>;
let world: World;

beforeAll(async () => {
  folder = temporaryFolder();
  world = await openWorld(folder.path);
}, 60_000);

afterAll(async () => {
  await world.close();
  folder.remove();
});

describe('docs/proposals.md', { timeout: 120_000 }, () => {
  it('shows the comment that the platform writes', async () => {
    const other = world.read('main', production).replace(/name: bird-strike\b/, 'name: bird-strike-eu');
    world.commit({ 'environments/production/bird-strike-eu.yaml': other });
    const counted = countedRequests();
    counted.answer('production', 'bird-strike', '1.0.0', 0);
    counted.pass(90);
    counted.answer('production', 'bird-strike', '1.0.0', 10_366);
    counted.answer('production', 'bird-strike-eu', '1.0.0', 1_974);
    counted.pass(1);
    const engine = await world.engine({
      sources: counted.sources,
      now: counted.now,
      extraChecks: {
        licence: licenceCheck(defaultLicences),
        lineage: lineageCheck,
        'model-card': modelCardCheck,
        quarantine: quarantineCheck,
        'semantic-version': semanticVersionCheck,
        signature: signatureCheck,
      },
      extraGates: { policies: oneApproval },
    });
    await engine.propose(promotion('1.1.0'));
    await engine.judge(1);
    const [comment] = await world.forge.comments(1);
    const example = /<!-- example -->\n([\s\S]*?)\n<!-- \/example -->/.exec(page)?.[1] ?? '';
    expect(steady(quoted(comment?.body ?? ''))).toBe(steady(example));
  });
});

/** As it stands in the page: a quotation, its headings two levels down. */
function quoted(body: string): string {
  const lines = body.trim().split('\n');
  return lines.map((line) => `> ${line.replace(/^##(?=#? )/, '####')}`.trimEnd()).join('\n');
}

/** What differs from run to run. */
function steady(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{12}\b/g, '…')
    .replaceAll(/\d+(\.\d)? s\b/g, '… s')
    .replaceAll('\u200B', '');
}
