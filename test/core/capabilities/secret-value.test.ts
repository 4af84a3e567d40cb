import { inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { SecretValue } from '../../../core/capabilities/secret-value.ts';

const token = new SecretValue('swordfish');

describe('a secret value', () => {
  it.each<[string, () => unknown]>([
    ['a template', () => `${token}`],
    ['String', () => String(token)],
    ['an addition', () => `token: ${token as unknown as string}`],
    ['JSON', () => JSON.stringify({ token, all: [token] })],
    ['inspect', () => inspect({ deep: { token } }, { showHidden: true, depth: 9 })],
    ['its fields', () => JSON.stringify(Object.entries(token)) + Reflect.ownKeys(token).join()],
    ['a structured clone', () => inspect(structuredClone({ token }))],
    ['an error', () => inspect(new Error(`refused ${token}`, { cause: token }))],
  ])('is not seen by %s', (_, show) => {
    expect(String(show())).not.toContain('swordfish');
  });

  it('is not seen in a log line', () => {
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => lines.push(line) });
    log.info({ token, list: [token] }, 'sent %s', token);
    expect(lines.join()).toContain('[secret]');
    expect(lines.join()).not.toContain('swordfish');
  });

  it('is told by who asks for it, and compared without', () => {
    expect(token.reveal()).toBe('swordfish');
    expect(token.equals(new SecretValue('swordfish'))).toBe(true);
    expect(token.equals(new SecretValue('swordfisH'))).toBe(false);
    expect(token.equals(new SecretValue(''))).toBe(false);
  });

  it('is taken out of what others say', () => {
    expect(token.hideIn('who is swordfish? swordfish!')).toBe('who is ***? ***!');
    expect(new SecretValue('').hideIn('nothing')).toBe('nothing');
  });
});
