import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretQuestion } from '../../../core/capabilities/secret-store.ts';
import { vaultSettings } from '../../../plugins/secrets/vault-settings.ts';
import { vaultStore } from '../../../plugins/secrets/vault-store.ts';
import { secretStoreSuite } from '../../conformance/secret-store.ts';
import { VaultServer } from '../../fixtures/vault-server.ts';

const asking = (place: SecretQuestion['place']): SecretQuestion => ({
  secret: 'slack',
  place,
  files: new Map(),
});
const { signal } = new AbortController();
const appRole = { roleId: 'role-1', secretIdVariable: 'SECRET_ID' };

secretStoreSuite('vault', async () => {
  const server = await new VaultServer().open();
  const store = vaultStore(vaultSettings({ address: server.url, appRole }, {}), { SECRET_ID: 'secret-id-1' });
  return {
    store,
    async put(values) {
      server.put('apps/slack', values);
      return asking({ path: 'apps/slack' });
    },
    missing: asking({ path: 'apps/other' }),
    senseless: [
      asking({}),
      asking({ path: '../sys/raw' }),
      asking({ path: 'apps//slack' }),
      asking({ path: 'apps/slack', mount: 'other' }),
      asking({ path: 'apps/slack', version: 0 }),
    ],
    refused: [],
    close: () => server.close(),
  };
});

describe('the vault store', () => {
  let server: VaultServer;
  beforeEach(async () => {
    server = await new VaultServer().open();
    server.put('apps/slack', { token: 'swordfish', port: 5432, nested: { a: [1] } });
  });
  afterEach(() => server.close());

  const storeOf = (
    block: object = { appRole },
    environment: Record<string, string> = { SECRET_ID: 'secret-id-1' },
  ) =>
    vaultStore(
      vaultSettings({ address: server.url, timeoutMs: 2_000, ...block }, environment),
      environment,
      () => server.now,
    );
  const place = { path: 'apps/slack' };
  const later = (seconds: number) => {
    server.now += seconds * 1000;
  };
  const shown = (error: unknown) => `${error} ${JSON.stringify(error)} ${(error as { hint?: string }).hint}`;

  it('gives each field, a version, and fields under other keys', async () => {
    const store = storeOf();
    const { values, facts, checkAfter } = await store.read(asking(place), signal);
    expect([...values].map(([key, value]) => [key, value.reveal()])).toEqual([
      ['token', 'swordfish'],
      ['port', '5432'],
      ['nested', '{"a":[1]}'],
    ]);
    expect(facts).toEqual({ version: 1, createdAt: '2026-03-01T09:30:00.000Z' });
    expect(checkAfter).toBe(60_000);
    server.put('apps/slack', { token: 'marlin' });
    const first = await store.read(asking({ ...place, version: 1, keys: { password: 'token' } }), signal);
    expect([...first.values].map(([key, value]) => [key, value.reveal()])).toEqual([
      ['password', 'swordfish'],
    ]);
    const asked = store.read(asking({ ...place, keys: { a: 'tokn' } }), signal);
    await expect(asked).rejects.toMatchObject({ code: 'SecretMissing', hint: 'There are: token.' });
  });

  it('logs in once for many questions, and renews the token in time', async () => {
    const store = storeOf();
    await Promise.all([1, 2, 3].map(() => store.read(asking(place), signal)));
    later(2000);
    await store.read(asking(place), signal);
    expect([server.count('auth/approle/login'), server.count('auth/token/renew-self')]).toEqual([1, 0]);
    later(1000);
    await store.read(asking(place), signal);
    await store.read(asking(place), signal);
    expect([server.count('auth/approle/login'), server.count('auth/token/renew-self')]).toEqual([1, 1]);
  });

  it('logs in anew where a token ends, cannot be renewed, is near its last end, or was revoked', async () => {
    const store = storeOf();
    const read = () => store.read(asking(place), signal);
    await read();
    later(4000);
    await read();
    expect(server.count('auth/approle/login')).toBe(2);
    server.tokens.clear();
    await read();
    expect(server.count('auth/approle/login')).toBe(3);
    server.lease = { seconds: 3600, most: 3605, isRenewable: true };
    server.tokens.clear();
    await read();
    later(3000);
    await read();
    later(600);
    await read();
    expect(server.count('auth/approle/login')).toBe(5);
    server.lease = { ...server.lease, isRenewable: false };
    server.tokens.clear();
    await read();
    later(3000);
    await read();
    expect(server.count('auth/approle/login')).toBe(7);
  });

  it('renews a token in time although no Secret is read, and logs in for nobody', async () => {
    const store = storeOf();
    await store.keepLogin(signal);
    expect(server.count('auth/approle/login')).toBe(0);
    await store.read(asking(place), signal);
    for (let count = 0; count < 10; count++) {
      later(1000);
      await store.keepLogin(signal);
    }
    await store.read(asking(place), signal);
    expect([server.count('auth/approle/login'), server.count('auth/token/renew-self')]).toEqual([1, 3]);
    later(2000);
    server.isSealed = true;
    await store.keepLogin(signal);
    server.isSealed = false;
    await store.keepLogin(signal);
    later(1000);
    await store.read(asking(place), signal);
    expect(server.count('auth/approle/login')).toBe(1);
  });

  it('uses a token that is still good while Vault does not renew it', async () => {
    const store = storeOf();
    await store.read(asking(place), signal);
    later(3000);
    server.isSealed = true;
    await expect(store.read(asking(place), signal)).rejects.toMatchObject({ code: 'SecretStoreUnreachable' });
    server.isSealed = false;
    await store.read(asking(place), signal);
    expect(server.count('auth/approle/login')).toBe(1);
  });

  it('takes what the policy forbids for refused, without a login each time', async () => {
    server.mayRead = false;
    const store = storeOf();
    for (let count = 0; count < 3; count++) {
      const failure = await store.read(asking(place), signal).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'SecretRefused',
        message: expect.stringContaining('permission denied'),
      });
    }
    expect(server.count('auth/approle/login')).toBe(1);
  });

  it('says that Vault is sealed, is down, or is none', async () => {
    const store = storeOf();
    server.isSealed = true;
    await expect(store.read(asking(place), signal)).rejects.toMatchObject({
      code: 'SecretStoreUnreachable',
      message: expect.stringContaining('Vault is sealed'),
    });
    server.isSealed = false;
    expect((await store.read(asking(place), signal)).values.size).toBe(3);
    await server.close();
    await expect(store.read(asking(place), signal)).rejects.toMatchObject({ code: 'SecretStoreUnreachable' });
    server = await new VaultServer().open();
    const none = vaultStore(vaultSettings({}, {}), {});
    await expect(none.read(asking(place), signal)).rejects.toMatchObject({ code: 'SecretRefused' });
  });

  it('says that a version was deleted or destroyed', async () => {
    const store = storeOf();
    server.delete('apps/slack', 1);
    await expect(store.read(asking(place), signal)).rejects.toMatchObject({
      code: 'SecretMissing',
      message: expect.stringContaining('version 1 was deleted at 2026-03-01T09:30:00.000Z'),
    });
    server.destroy('apps/slack', 1);
    await expect(store.read(asking(place), signal)).rejects.toThrow(/version 1 was destroyed/);
  });

  it('logs in with a token that is given, which it renews too, and with a JWT that it reads anew', async () => {
    const token = server.issue();
    const given = storeOf({ namespace: 'ml/prod' }, { VAULT_TOKEN: token });
    await given.read(asking(place), signal);
    later(3000);
    await given.read(asking(place), signal);
    expect(server.count('auth/token/renew-self')).toBe(1);
    expect(server.asked.every(({ namespace }) => namespace === 'ml/prod')).toBe(true);

    const folder = mkdtempSync(join(tmpdir(), 'switchyard-jwt-'));
    try {
      const file = join(folder, 'token');
      writeFileSync(file, 'old.jwt.of-before\n');
      const jwt = storeOf({ jwt: { role: 'platform', jwtFile: file } }, {});
      await expect(jwt.read(asking(place), signal)).rejects.toMatchObject({ code: 'SecretRefused' });
      writeFileSync(file, `${server.roles.jwt}\n`);
      expect((await jwt.read(asking(place), signal)).values.size).toBe(3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [{ appRole }, { SECRET_ID: 'wrong-secret-id' }, 'SecretRefused', /cannot log in: Vault answers 400/],
    [{ appRole }, {}, 'SecretMissing', /SECRET_ID/],
    [{}, { VAULT_TOKEN: 'hvs.wrong-token' }, 'SecretRefused', /does not take the token/],
    [
      { jwt: { role: 'platform', jwtFile: '/nowhere/token' } },
      {},
      'SecretMissing',
      /cannot be read \(ENOENT\)/,
    ],
  ])(
    'says why it cannot log in, and repeats no credential: %j',
    async (block, environment, code, message) => {
      const store = storeOf(block, environment as Record<string, string>);
      const failure = await store.read(asking(place), signal).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(shown(failure)).not.toMatch(/wrong-secret-id|hvs\.wrong/);
    },
  );
});

describe('the settings for Vault', () => {
  it('may come from the environment alone', () => {
    const environment = { VAULT_ADDR: 'https://vault.example.com:8200/', VAULT_NAMESPACE: 'ml' };
    expect(vaultSettings(undefined, environment)).toMatchObject({
      address: 'https://vault.example.com:8200',
      namespace: 'ml',
      login: { type: 'token', token: { variable: 'VAULT_TOKEN' } },
    });
  });

  it.each([
    [{ addr: 'x' }, 'secrets.vault.addr is not a setting'],
    [{ address: 'http://vault.example.com' }, 'must be https'],
    [{ address: 'https://ada:pw@vault.example.com' }, 'must hold no user'],
    [{ address: 'vault' }, 'must be a URL'],
    [{ token: 'hvs.x' }, 'secrets.vault.token is not a setting'],
    [{ tokenVariable: 'A', appRole }, 'there is one login'],
    [{ appRole: { roleId: 'r', secretId: 's' } }, 'secrets.vault.appRole.secretId is not a setting'],
    [{ appRole: { secretIdVariable: 'S' } }, 'secrets.vault.appRole.roleId must be a text'],
    [{ jwt: { role: 'r', jwtFile: 'relative' } }, 'must name an environment variable'],
    [{ jwt: { role: 'r', jwtFile: '/x', mount: '../sys' } }, 'must be the path of a login method'],
    [{ timeoutMs: 0 }, 'must be a whole number'],
  ])('are refused where they make no sense: %j', (block, message) => {
    expect(() => vaultSettings(block, {})).toThrow(message);
  });
});
