import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SecretQuestion } from '../../../core/capabilities/secret-store.ts';
import { envStore } from '../../../plugins/secrets/env-store.ts';
import { fileStore } from '../../../plugins/secrets/file-store.ts';
import { secretSettings } from '../../../plugins/secrets/settings.ts';
import { secretStoreSuite } from '../../conformance/secret-store.ts';

const asking = (place: SecretQuestion['place']): SecretQuestion => ({
  secret: 'slack',
  place,
  files: new Map(),
});
const { signal } = new AbortController();

secretStoreSuite('env', async () => {
  const environment: Record<string, string> = { AWS_SECRET_ACCESS_KEY: 'of the machine' };
  return {
    store: envStore(environment, ['SWITCHYARD_SECRET_*', 'PROMETHEUS_TOKEN']),
    async put(values) {
      const variables: Record<string, string> = {};
      for (const [key, value] of Object.entries(values)) {
        const variable = `SWITCHYARD_SECRET_${key.toUpperCase()}`;
        environment[variable] = value;
        variables[key] = variable;
      }
      return asking({ variables });
    },
    missing: asking({ variables: { token: 'PROMETHEUS_TOKEN' } }),
    senseless: [asking({}), asking({ variables: {} }), asking({ variables: { token: 7 } })],
    refused: [
      asking({ variables: { token: 'AWS_SECRET_ACCESS_KEY' } }),
      asking({ variables: { token: 'PROMETHEUS_TOKEN_2' } }),
      asking({ variables: { token: 'SWITCHYARD_SECRET_' } }),
    ],
    async close() {},
  };
});

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-secrets-'));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

secretStoreSuite('file', async () => {
  const top = folderWith({ 'secrets/folder/x': '', 'secrets-of-others': 'of the machine' });
  const folder = join(top, 'secrets');
  symlinkSync('../secrets-of-others', join(folder, 'outside'));
  return {
    store: fileStore(folder),
    async put(values) {
      const files: Record<string, string> = {};
      for (const [key, value] of Object.entries(values)) {
        writeFileSync(join(folder, key), value);
        files[key] = key;
      }
      return asking({ files });
    },
    missing: asking({ files: { token: 'slack/token' } }),
    senseless: [
      asking({}),
      asking({ files: { token: '../secrets-of-others' } }),
      asking({ files: { token: '/etc/passwd' } }),
      asking({ files: { token: 'folder' } }),
    ],
    refused: [asking({ files: { token: 'outside' } })],
    async close() {},
  };
});

describe('the file store', () => {
  it('leaves one line break at the end out, as every editor adds one', async () => {
    const store = fileStore(folderWith({ a: 'x\n', b: 'x\r\n', c: 'x\n\n', d: '\nx' }));
    const { values } = await store.read(asking({ files: { a: 'a', b: 'b', c: 'c', d: 'd' } }), signal);
    expect([...values.values()].map((value) => value.reveal())).toEqual(['x', 'x', 'x\n', '\nx']);
  });

  it('follows the links of a Kubernetes mount, from one set of values to the next', async () => {
    const folder = folderWith({ 'slack/..1/token': 'old', 'slack/..2/token': 'new' });
    symlinkSync('..1', join(folder, 'slack/..data'));
    symlinkSync('..data/token', join(folder, 'slack/token'));
    const store = fileStore(folder);
    const question = asking({ files: { token: 'slack/token' } });
    const value = async () => (await store.read(question, signal)).values.get('token')?.reveal();
    expect(await value()).toBe('old');
    symlinkSync('..2', join(folder, 'slack/..tmp'));
    renameSync(join(folder, 'slack/..tmp'), join(folder, 'slack/..data'));
    expect(await value()).toBe('new');
  });

  it('refuses a file that is no text, or too large for a secret', async () => {
    const folder = folderWith({ large: 'x'.repeat(1024 * 1024 + 1) });
    writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0xfe]));
    for (const file of ['binary', 'large']) {
      const asked = fileStore(folder).read(asking({ files: { token: file } }), signal);
      await expect(asked).rejects.toMatchObject({ code: 'SecretPlaceInvalid' });
    }
  });
});

describe('the settings of the operator', () => {
  it('allow little by default', () => {
    expect(secretSettings({})).toMatchObject({ variables: ['SWITCHYARD_SECRET_*'], folder: '/run/secrets' });
  });

  it.each([
    [{ vaults: {} }, 'secrets.vaults is not a setting'],
    [{ env: [] }, 'secrets.env must be'],
    [{ env: { allowed: [] } }, 'secrets.env.allowed is not a setting'],
    [{ env: { allow: ['*'] } }, 'secrets.env.allow must list variables'],
    [{ file: { folder: 'run/secrets' } }, 'secrets.file.folder must be an absolute path'],
  ])('are refused where they make no sense: %j', (block, message) => {
    expect(() => secretSettings(block)).toThrow(message);
  });
});
