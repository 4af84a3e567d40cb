import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitHubSettings } from '../../../plugins/forge-github/settings.ts';

describe('the settings for GitHub', () => {
  it('take a token from the environment, the one of Switchyard first', () => {
    const read = (environment: Record<string, string>) => gitHubSettings({}, environment).credentials();
    expect(read({})).toBeUndefined();
    expect(read({ GITHUB_TOKEN: 'b' })).toEqual({ type: 'token', token: 'b' });
    expect(read({ GITHUB_TOKEN: 'b', SWITCHYARD_GITHUB_TOKEN: 'a' })).toEqual({ type: 'token', token: 'a' });
  });

  it('read a secret anew from its file each time', () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-'));
    try {
      const tokenFile = join(folder, 'token');
      writeFileSync(tokenFile, 'first\n');
      const settings = gitHubSettings({ tokenFile }, {});
      expect(settings.credentials()).toEqual({ type: 'token', token: 'first' });
      writeFileSync(tokenFile, 'second\n');
      expect(settings.credentials()).toEqual({ type: 'token', token: 'second' });
      rmSync(tokenFile);
      expect(() => settings.credentials()).toThrow(/cannot be read/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('take an App before a token, and need its key', () => {
    const key = { GITHUB_TOKEN: 'b', SWITCHYARD_GITHUB_APP_PRIVATE_KEY: 'pem' };
    expect(gitHubSettings({ appId: 7, installationId: 9 }, key).credentials()).toEqual({
      type: 'app',
      appId: '7',
      privateKey: 'pem',
      installationId: 9,
    });
    expect(() => gitHubSettings({ appId: 'Iv1.abc' }, {}).credentials()).toThrow(/must name the private key/);
  });

  it.each([
    [{ token: 'hunter2' }, 'token'],
    [{ privateKey: 'hunter2' }, 'privateKey'],
    [{ webhookSecret: 'hunter2' }, 'webhookSecret'],
    [{ tokn: 'hunter2' }, 'tokn'],
    [{ baseUrl: 'hunter2' }, 'baseUrl'],
    [{ baseUrl: 'http://git.example.com/api/v3' }, 'baseUrl'],
    [{ baseUrl: 'https://ada:hunter2@git.example.com' }, 'baseUrl'],
    [{ timeoutMs: 'hunter2' }, 'timeoutMs'],
    [{ installationId: 1.5 }, 'installationId'],
  ])('refuse %j by name, and never show a value', (block, name) => {
    let error: Error & { code?: string; where?: string } = new Error('nothing was thrown');
    try {
      gitHubSettings(block, {});
    } catch (thrown) {
      error = thrown as Error;
    }
    expect(error).toMatchObject({ code: 'InvalidForgeSetting', where: `plugins.forge-github.${name}` });
    expect(`${error.message} ${error.stack}`).not.toContain('hunter2');
  });

  it('let http go to this machine alone', () => {
    expect(gitHubSettings({ baseUrl: 'http://127.0.0.1:3000/api/v3/' }, {}).baseUrl).toBe(
      'http://127.0.0.1:3000/api/v3',
    );
    expect(gitHubSettings({}, { SWITCHYARD_GITHUB_API: 'https://git.example.com/api/v3' }).baseUrl).toBe(
      'https://git.example.com/api/v3',
    );
  });
});
