import { describe, expect, it } from 'vitest';
import { tokenSettings } from '../../../../core/capabilities/hosted-forge/index.ts';

const variables = { baseUrl: 'A_URL', token: ['A_TOKEN', 'TOKEN'], webhookSecret: 'A_SECRET' };
const read = (block: Record<string, unknown>, environment: Record<string, string> = {}) =>
  tokenSettings('forge-x', block, environment, variables);

describe('the settings of a forge with a token', () => {
  it('come from the environment where the block does not say otherwise', () => {
    const settings = read({}, { A_URL: 'https://git.example.com/', TOKEN: 'b', A_SECRET: 's' });
    expect(settings).toMatchObject({ baseUrl: 'https://git.example.com', timeoutMs: 30_000 });
    expect([settings.token(), settings.webhookSecret()]).toEqual(['b', 's']);
    const chosen = read(
      { tokenVariable: 'MINE', baseUrl: 'https://x.example' },
      { MINE: 'm', A_TOKEN: 'a', A_URL: 'x' },
    );
    expect([chosen.token(), chosen.baseUrl]).toEqual(['m', 'https://x.example']);
    expect(read({ tokenVariable: 'MINE' }, { A_TOKEN: 'a' }).token()).toBeUndefined();
    expect(read({}).token()).toBeUndefined();
  });

  it.each([
    [{ token: 'hunter2' }, 'token'],
    [{ webhookSecret: 'hunter2' }, 'webhookSecret'],
    [{ tokenfile: 'hunter2' }, 'tokenfile'],
    [{ tokenFile: 7 }, 'tokenFile'],
    [{ baseUrl: 'git.example.com/hunter2' }, 'baseUrl'],
    [{ baseUrl: 'http://git.example.com' }, 'baseUrl'],
    [{ baseUrl: 'https://git.example.com/?key=hunter2' }, 'baseUrl'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs'],
  ])('refuse %j by name, and never show a value', (block, name) => {
    let error: Error & { code?: string; where?: string } = new Error('nothing was thrown');
    try {
      read(block).token();
    } catch (thrown) {
      error = thrown as Error;
    }
    expect(error).toMatchObject({ code: 'InvalidForgeSetting', where: `plugins.forge-x.${name}` });
    expect(`${error.message} ${error.stack}`).not.toContain('hunter2');
  });
});
