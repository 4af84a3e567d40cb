/** Signatures go both ways between this command line and the reference implementation (`model-signing` of PyPI). */
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../cli/run.ts';
import { makeAuthority, makeKey } from '../libraries/model-signing/keys.ts';
import { whyNotInstalled } from './from-pypi.ts';

const parent = mkdtempSync(join(tmpdir(), 'switchyard-oms-'));
const program = join(parent, 'venv', 'bin', 'model_signing');

/** `openssl --version` is not known everywhere. */
function whyNoOpenssl(): string | undefined {
  if (spawnSync('openssl', ['version'], { stdio: 'ignore' }).error === undefined) return undefined;
  console.warn('skipped: there is no openssl here');
  return 'there is no openssl here';
}

// The reference implementation imports pyOpenSSL without saying so.
const packages = ['model-signing==1.1.1', 'pyOpenSSL', 'certifi'];
const missing = whyNoOpenssl() ?? (await whyNotInstalled(join(parent, 'venv'), packages));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(parent, String(count++));
  mkdirSync(join(folder, 'model', 'tokenizer'), { recursive: true });
  writeFileSync(join(folder, 'model', 'model.onnx'), 'weights');
  writeFileSync(join(folder, 'model', 'tokenizer', 'words.txt'), 'a\nb\n');
  writeFileSync(join(folder, 'model', 'tokenizer.json'), '{}');
});

/** What the reference implementation says: whether it succeeded, and all that it printed. */
function theirs(...words: string[]): { readonly ok: boolean; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: folder, encoding: 'utf8' });
  return { ok: status === 0, said: stdout + stderr };
}
const ours = (...words: string[]) => run(words, { folder });

const kinds = [
  ['a key on P-256', 'prime256v1'],
  ['a key on P-384', 'secp384r1'],
  ['a key on P-521', 'secp521r1'],
] as const;

describe.skipIf(missing !== undefined)('signatures between us and the reference implementation', () => {
  describe.each(kinds)('by %s', (_title, curve) => {
    let key: { private: string; public: string };
    beforeEach(() => {
      key = makeKey(folder, 'release', curve);
    });
    const sign = {
      ours: async (what: string) => {
        const signed = await ours('sign', what, '--key', key.private, '--signature', 'signature');
        expect([signed.status, signed.err]).toEqual([0, '']);
      },
      theirs: async (what: string) => {
        expect(
          theirs('sign', 'key', '--private_key', key.private, '--signature', 'signature', what),
        ).toMatchObject({
          ok: true,
        });
      },
    };
    const verify = {
      ours: async (what: string, by = key.public) =>
        (await ours('verify', what, '--public-key', by, '--signature', 'signature')).status === 0,
      theirs: async (what: string, by = key.public) =>
        theirs('verify', 'key', '--public_key', by, '--signature', 'signature', what).ok,
    };

    it.each([
      ['ours', 'theirs'],
      ['theirs', 'ours'],
    ] as const)('%s are verified by %s, a folder and a file', async (signer, verifier) => {
      for (const what of ['model', 'model/model.onnx']) {
        await sign[signer](what);
        expect([what, await verify[verifier](what)]).toEqual([what, true]);
      }
    });

    // What is compared is the same whatever the curve, and each start of Python takes a second.
    if (curve !== 'prime256v1') return;
    it('neither takes a file that was tampered with, one more, one less, another key or another bundle', async () => {
      const other = makeKey(folder, 'other', curve);
      for (const signer of ['ours', 'theirs'] as const) {
        await sign[signer]('model');
        copyFileSync(join(folder, 'signature'), join(folder, 'kept'));
        for (const verifier of ['ours', 'theirs'] as const) {
          const who = `${signer} by ${verifier}`;
          const judged = async (what: string, change: () => void, undo: () => void) => {
            change();
            const taken = await verify[verifier]('model');
            undo();
            expect([who, what, taken, await verify[verifier]('model')]).toEqual([who, what, false, true]);
          };
          const file = join(folder, 'model', 'model.onnx');
          await judged(
            'tampered',
            () => appendFileSync(file, '!'),
            () => writeFileSync(file, 'weights'),
          );
          const extra = join(folder, 'model', 'extra.py');
          await judged(
            'one more',
            () => writeFileSync(extra, ''),
            () => rmSync(extra),
          );
          await judged(
            'one less',
            () => rmSync(file),
            () => writeFileSync(file, 'weights'),
          );
          expect([who, await verify[verifier]('model', other.public)]).toEqual([who, false]);
          await sign[signer]('model/tokenizer');
          expect([who, 'swapped', await verify[verifier]('model')]).toEqual([who, 'swapped', false]);
          copyFileSync(join(folder, 'kept'), join(folder, 'signature'));
        }
      }
    }, 180_000);
  });

  describe('by a certificate', () => {
    let chain: ReturnType<typeof makeAuthority>;
    beforeEach(() => {
      chain = makeAuthority(folder);
    });

    it('ours are verified by theirs', async () => {
      const certificates = ['--certificate', chain.leaf, '--certificate', chain.intermediate];
      expect(
        (await ours('sign', 'model', '--key', chain.key, ...certificates, '--signature', 'signature')).err,
      ).toBe('');
      const verify = (root: string) =>
        theirs('verify', 'certificate', '--certificate_chain', root, '--signature', 'signature', 'model');
      expect(verify(chain.root)).toMatchObject({ ok: true });
      expect(verify(makeAuthority(folder, 'other').root)).toMatchObject({ ok: false });
    });

    it('theirs are verified by ours', async () => {
      const certificates = ['--signing_certificate', chain.leaf, '--certificate_chain', chain.intermediate];
      const signed = theirs(
        'sign',
        'certificate',
        '--private_key',
        chain.key,
        ...certificates,
        '--signature',
        'signature',
        'model',
      );
      expect(signed).toMatchObject({ ok: true });
      const verify = (...words: string[]) => ours('verify', 'model', '--signature', 'signature', ...words);
      expect(await verify('--authority', chain.root)).toMatchObject({
        status: 0,
        out: 'model: signed by release@example.com\n',
      });
      expect((await verify('--authority', chain.root, '--signer', 'release@example.com')).status).toBe(0);
      expect((await verify('--authority', chain.root, '--signer', 'mallory@example.com')).status).toBe(1);
      expect((await verify('--authority', makeAuthority(folder, 'other').root)).status).toBe(1);
    });
  });
});
