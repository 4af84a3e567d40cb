import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { largeFilesCheck } from '../../../plugins/leaks/large-files-check.ts';
import { leakedSecretsCheck } from '../../../plugins/leaks/leaked-secrets-check.ts';
import { judge, proposalSubject } from '../../fixtures/proposal-subject.ts';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';

let made: TemplateRegistry;
let base: string;
beforeEach(async () => {
  made = new TemplateRegistry();
  base = await made.make();
});
afterEach(() => made.close());

async function verdict(sort: 'secrets' | 'large', merged: string, from = base) {
  const subject = await proposalSubject(made.folder, from, merged);
  const limits = { file: 100_000, declared: 1_000_000 };
  const check = sort === 'secrets' ? leakedSecretsCheck(subject) : largeFilesCheck(subject, limits);
  try {
    return await judge(check, subject);
  } finally {
    await subject.repository.close();
  }
}

describe('the check for leaked secrets', () => {
  it('finds a token with its place, and never repeats it', async () => {
    const token = `ghp_${'a1B2c3'.repeat(6)}`;
    const merged = await made.commit({ 'training/settings.yaml': `# how it was trained\ntoken: ${token}\n` });
    const found = await verdict('secrets', merged);
    expect(found).toMatchObject({
      outcome: 'fail',
      summary: 'training/settings.yaml:2: this looks like a credential (github)',
      annotations: [{ path: 'training/settings.yaml', line: 2, column: 8, code: 'SecretLeaked' }],
    });
    expect(JSON.stringify(found)).not.toContain(token.slice(4));
  });

  it('finds private keys', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const merged = await made.commit({ 'deploy.pem': privateKey });
    const found = await verdict('secrets', merged);
    expect(found.outcome).toBe('fail');
    expect(JSON.stringify(found)).not.toContain(privateKey.split('\n')[2]);
  });

  it('passes what the template holds, and leaves binary files alone', async () => {
    const empty = made.git(
      'commit-tree',
      '-m',
      'nothing',
      made.git('hash-object', '-t', 'tree', '-w', '/dev/null'),
    );
    const found = await verdict('secrets', base, empty);
    expect(found).toMatchObject({ outcome: 'pass', facts: { secrets: 0 } });
    expect(found).toMatchObject({ facts: { filesSkipped: expect.any(Number) } });
  });

  it('has nothing to say about files that go', async () => {
    const merged = await made.commit({ 'README.md': null });
    expect((await verdict('secrets', merged)).outcome).toBe('none');
  });
});

describe('the check for large files', () => {
  it('fails for a large file that no manifest declares', async () => {
    const merged = await made.commit({ 'notebook.bin': new Uint8Array(150_000) });
    expect(await verdict('large', merged)).toMatchObject({
      outcome: 'fail',
      summary: 'notebook.bin: 150 kB, over the limit of 100 kB',
    });
  });

  it('lets artifacts be larger, up to a limit of their own', async () => {
    const artifact = 'models/bird-strike/artifacts/1.1.0.onnx';
    const larger = await made.commit({ [artifact]: new Uint8Array(150_000) });
    expect((await verdict('large', larger)).outcome).toBe('pass');
    const tooLarge = await made.commit({ [artifact]: new Uint8Array(1_500_000) });
    expect(await verdict('large', tooLarge)).toMatchObject({ outcome: 'fail', facts: { tooLarge: 1 } });
  });
});
