import { describe, expect, it } from 'vitest';
import {
  authorizationOf,
  type CredentialSources,
  storageKeysOf,
  timeoutOf,
} from '../../../libraries/http-credentials/index.ts';

const secretRef = { name: 'slack', key: 'token' };
const refuse = (setting: string, reason: string) => new Error(`${setting} ${reason}`);
const sources: CredentialSources = {
  environment: { TOKEN: 'of-a-variable', EMPTY: '' },
  secret: async ({ name, key }) => ({ reveal: () => `${key} of ${name}` }),
  refuse,
};
const server = { url: 'https://x.example.com', from: 'server.url' };
const header = (settings: object, more: Partial<CredentialSources> = {}) =>
  authorizationOf(settings as Record<string, unknown>, 'server', server, { ...sources, ...more })();
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the credentials of a server', () => {
  it.each([
    [{}, undefined],
    [{ tokenVariable: 'TOKEN' }, 'Bearer of-a-variable'],
    [{ tokenVariable: 'EMPTY' }, undefined],
    [{ tokenVariable: 'ABSENT' }, undefined],
    [{ token: { secretRef } }, 'Bearer token of slack'],
    [{ username: 'ana', passwordVariable: 'TOKEN' }, basic('ana:of-a-variable')],
    [{ username: 'ana', password: { secretRef } }, basic('ana:token of slack')],
  ])('are read from where the settings say: %j', async (settings, expected) => {
    expect(await header(settings)).toBe(expected);
  });

  it.each([
    [{ token: 'hunter2' }, /server\.token must be \{ secretRef/],
    [{ token: { secretRef: { name: 'a' } } }, /server\.token must be/],
    [{ token: { secretRef, value: 'hunter2' } }, /server\.token must be/],
    [{ token: { secretRef }, tokenVariable: 'TOKEN' }, /cannot stand beside tokenVariable/],
    [{ token: { secretRef }, username: 'ana' }, /cannot stand beside a token/],
    [{ tokenVariable: 'a-b' }, /must be the name of an environment variable/],
    [{ username: 'a:b', password: { secretRef } }, /without a colon/],
    [{ username: 'ana' }, /passwordVariable must be/],
    [{ password: { secretRef } }, /username must be/],
  ])('are refused where they make no sense: %j', (settings, problem) => {
    let said = '';
    try {
      authorizationOf(settings as Record<string, unknown>, 'server', server, sources);
    } catch (error) {
      said = String(error);
    }
    expect(said).toMatch(problem);
    expect(said).not.toContain('hunter2');
  });

  it('travel over https or to this machine alone', () => {
    const over = (url: string) =>
      authorizationOf({ token: { secretRef } }, 'server', { ...server, url }, sources);
    expect(() => over('http://x.example.com')).toThrow('server.url must be https');
    for (const url of ['https://x.example.com', 'http://localhost:9090', 'http://[::1]:9090']) over(url);
    const none = authorizationOf({}, 'server', { ...server, url: 'http://x.example.com' }, sources);
    expect(none).toBeTypeOf('function');
  });

  it('cannot be secrets where there are none', () => {
    const { environment } = sources;
    const asked = () => authorizationOf({ token: { secretRef } }, 'server', server, { environment, refuse });
    expect(asked).toThrow('needs the plugin secrets');
  });
});

it.each([0, 1.5, '10', 2 ** 31, Number.NaN])('a time limit is a whole number: %s', (value) => {
  expect(() => timeoutOf(value, 'timeoutMs', refuse)).toThrow('timeoutMs must be a whole number');
  expect(timeoutOf(250, 'timeoutMs', refuse)).toBe(250);
});

describe('the keys of an object storage', () => {
  const usual = {
    AWS_ACCESS_KEY_ID: 'usual',
    AWS_SECRET_ACCESS_KEY: 'usual-secret',
    AWS_SESSION_TOKEN: 'usual-token',
  };
  const environment = { ...usual, OWN_KEY: 'own', OWN_SECRET: 'own-secret', EMPTY: '' };
  const keys = (settings: object) =>
    storageKeysOf(settings as Record<string, unknown>, 'bucket', { ...sources, environment })();

  it.each([
    [{}, { accessKey: 'usual', secretKey: 'usual-secret', sessionToken: 'usual-token' }],
    [
      { accessKeyVariable: 'OWN_KEY', secretKeyVariable: 'OWN_SECRET' },
      { accessKey: 'own', secretKey: 'own-secret' },
    ],
    [
      { accessKeyVariable: 'OWN_KEY', secretKeyVariable: 'OWN_SECRET', sessionToken: { secretRef } },
      { accessKey: 'own', secretKey: 'own-secret', sessionToken: 'token of slack' },
    ],
    [
      { sessionToken: { secretRef } },
      { accessKey: 'usual', secretKey: 'usual-secret', sessionToken: 'token of slack' },
    ],
    [{ secretKeyVariable: 'EMPTY' }, undefined],
    [{ accessKeyVariable: 'ABSENT' }, undefined],
  ])(
    'are those that are named, or the usual ones, and a token goes with its keys alone: %j',
    async (settings, expected) => {
      expect(await keys(settings)).toEqual(expected);
    },
  );

  it('are refused where they stand in the settings themselves', () => {
    expect(() => keys({ secretKey: 'hunter2' })).toThrow(/^bucket\.secretKey must be \{ secretRef/);
  });
});
