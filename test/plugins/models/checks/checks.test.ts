import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProposalCheck } from '../../../../core/capabilities/proposal-check.ts';
import { defaultLicences, licenceCheck } from '../../../../plugins/models/checks/licence-check.ts';
import { lineageCheck } from '../../../../plugins/models/checks/lineage-check.ts';
import { modelCardCheck } from '../../../../plugins/models/checks/model-card-check.ts';
import { quarantineCheck } from '../../../../plugins/models/checks/quarantine-check.ts';
import { semanticVersionCheck } from '../../../../plugins/models/checks/semantic-version-check.ts';
import { signatureCheck } from '../../../../plugins/models/checks/signature-check.ts';
import { judge, proposalSubject } from '../../../fixtures/proposal-subject.ts';
import { TemplateRegistry } from '../../../fixtures/template-registry.ts';

let made: TemplateRegistry;
let base: string;
beforeEach(async () => {
  made = new TemplateRegistry();
  base = await made.make();
});
afterEach(() => made.close());

const production = 'environments/production/bird-strike.yaml';
const newest = 'models/bird-strike/versions/1.1.0.yaml';
const card = 'models/bird-strike/card.md';

async function verdict(check: ProposalCheck, merged: string) {
  const subject = await proposalSubject(made.folder, base, merged);
  try {
    return await judge(check, subject);
  } finally {
    await subject.repository.close();
  }
}

describe('the checks of models', () => {
  it('have nothing to say about a change that touches no version', async () => {
    const merged = await made.commit({ 'README.md': 'Hello.\n' });
    for (const check of [signatureCheck, semanticVersionCheck, modelCardCheck, lineageCheck]) {
      expect((await verdict(check, merged)).outcome).toBe('none');
    }
  });

  it('pass the promotion that the template is made for', async () => {
    const merged = await made.replace(production, 'version: 1.0.0', 'version: 1.1.0');
    for (const check of [signatureCheck, modelCardCheck, lineageCheck, licenceCheck(defaultLicences)]) {
      expect(await verdict(check, merged)).toMatchObject({ outcome: 'pass' });
    }
    expect((await verdict(semanticVersionCheck, merged)).outcome).toBe('none');
  });

  it('depend on what they judge and on nothing else', async () => {
    const promoted = await made.replace(production, 'version: 1.0.0', 'version: 1.1.0');
    const also = await made.commit({ 'README.md': 'Hello.\n' });
    const [one, other] = [
      await proposalSubject(made.folder, base, promoted),
      await proposalSubject(made.folder, base, also),
    ];
    for (const check of [signatureCheck, modelCardCheck, lineageCheck, licenceCheck(defaultLicences)]) {
      expect(check.concerns(one)).toBe(check.concerns(other));
    }
    await one.repository.close();
    await other.repository.close();
  });
});

describe('the check of signatures', () => {
  it('fails where callers of a deployment would break, and says which input is to blame', async () => {
    const manifest = made
      .read(newest)
      .replace('name: 1.1.0', 'name: 2.0.0')
      .replace('parents: [1.0.0]', 'parents: [1.1.0]')
      .replace('- { name: speed_knots, datatype: FP32', '- { name: speed_mph, datatype: FP32')
      .replace(/ {2}examples:[\s\S]*$/, '');
    const model = 'models/bird-strike/model.yaml';
    const merged = await made.commit({
      'models/bird-strike/versions/2.0.0.yaml': manifest,
      [model]: made.read(model).replace('speed_knots', 'speed_mph'),
      [production]: made.read(production).replace('version: 1.0.0', 'version: 2.0.0'),
    });
    const found = await verdict(signatureCheck, merged);
    expect(found.outcome).toBe('fail');
    expect(found.summary).toContain('production/bird-strike');
    expect(found.summary).toContain('input "speed_knots" is gone');
    expect(found).toMatchObject({ annotations: [{ path: production, code: 'ClientsBreak' }, {}] });
  });
});

describe('the check of version numbers', () => {
  it('fails where a version that is there already would become something else', async () => {
    const merged = await made.replace(newest, 'digest: sha256:c', 'digest: sha256:d');
    expect(await verdict(semanticVersionCheck, merged)).toMatchObject({
      outcome: 'fail',
      summary: 'bird-strike 1.1.0 is there already and would become something else: artifact changed',
    });
  });

  it('passes what is said about a version later, such as its quarantine', async () => {
    const merged = await made.replace(
      newest,
      '  line: main',
      '  quarantine: { reason: too many false alarms, since: "2026-03-01" }\n  line: main',
    );
    expect((await verdict(semanticVersionCheck, merged)).outcome).toBe('pass');
  });
});

describe('the check of model cards', () => {
  it('fails for a card that leaves out its limitations', async () => {
    const merged = await made.replace(card, /## [^\n]*(limitation|risk|not for)[^\n]*/gi, '## Odds and ends');
    const found = await verdict(modelCardCheck, merged);
    expect(found.outcome).toBe('fail');
    expect(found.summary).toContain('no section on limitations');
  });

  it('fails where there is no card', async () => {
    const model = 'models/bird-strike/model.yaml';
    const merged = await made.commit({
      [card]: null,
      [model]: made.read(model).replace(/\n *card:[^\n]*/, ''),
    });
    expect(await verdict(modelCardCheck, merged)).toMatchObject({
      outcome: 'fail',
      summary: 'bird-strike has no model card',
    });
  });
});

describe('the check of lineage', () => {
  it('fails where the code is not pinned', async () => {
    const merged = await made.replace(newest, /\n {6}digest: sha256:06ede[^\n]*/, '');
    expect(await verdict(lineageCheck, merged)).toMatchObject({
      outcome: 'fail',
      summary: 'the code of bird-strike 1.1.0 is not pinned',
    });
  });

  it('fails where nothing is said at all', async () => {
    const merged = await made.replace(newest, / {2}lineage:[\s\S]*?(?= {2}metrics:)/, '');
    expect((await verdict(lineageCheck, merged)).summary).toContain('does not say what it was made of');
  });
});

describe('the check of licences', () => {
  it('fails for a licence that the platform does not allow', async () => {
    const merged = await made.replace(card, 'license: apache-2.0', 'license: proprietary');
    expect(await verdict(licenceCheck(defaultLicences), merged)).toMatchObject({
      outcome: 'fail',
      summary: 'the model bird-strike stands under proprietary, which this platform does not allow',
    });
    expect((await verdict(licenceCheck(['Proprietary', 'U.S. Government work']), merged)).outcome).toBe(
      'pass',
    );
  });

  it('reads the name of a licence that the hub calls other', async () => {
    const merged = await made.replace(
      card,
      'license: apache-2.0',
      'license: other\nlicense_name: house-rules',
    );
    expect((await verdict(licenceCheck(defaultLicences), merged)).summary).toContain('house-rules');
  });
});

describe('the check of quarantine', () => {
  const condemn = 'quarantine: { reason: wrong in fog }\n  artifact:';
  const promoted = () => made.replace(production, 'version: 1.0.0', 'version: 1.1.0');

  it('passes what nobody condemned, and refuses what somebody did', async () => {
    expect(await verdict(quarantineCheck, await promoted())).toMatchObject({ outcome: 'pass' });
    base = await made.replace(newest, 'artifact:', condemn);
    base = await made.replace(production, 'version: 1.1.0', 'version: 1.0.0');
    expect(await verdict(quarantineCheck, await promoted())).toMatchObject({
      outcome: 'fail',
      summary: 'bird-strike 1.1.0 is quarantined, and production/bird-strike would deploy it: wrong in fog',
    });
  });

  it('refuses the same artifact under another name', async () => {
    const digest = /sha256:[0-9a-f]{64}/.exec(await made.read(newest))?.[0] ?? '';
    const current = 'models/bird-strike/versions/1.0.0.yaml';
    const other = /sha256:[0-9a-f]{64}/.exec(await made.read(current))?.[0] ?? '';
    base = await made.replace(current, 'artifact:', condemn);
    await made.replace(newest, digest, other);
    expect(await verdict(quarantineCheck, await promoted())).toMatchObject({
      outcome: 'fail',
      summary: expect.stringContaining('1.1.0 is quarantined, as the artifact of bird-strike 1.0.0'),
    });
  });

  it('does not let a proposal free and deploy at once', async () => {
    base = await made.replace(newest, 'artifact:', condemn);
    await made.replace(newest, condemn, 'artifact:');
    expect(await verdict(quarantineCheck, await promoted())).toMatchObject({ outcome: 'fail' });
  });

  it('lets what answers be quarantined', async () => {
    const merged = await made.replace('models/bird-strike/versions/1.0.0.yaml', 'artifact:', condemn);
    expect((await verdict(quarantineCheck, merged)).outcome).toBe('none');
  });
});
