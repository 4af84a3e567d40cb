import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-sign-'));
  mkdirSync(join(folder, 'model', '.git'), { recursive: true });
  put('model/a.onnx', 'a');
  put('model/.git/config', 'not of the model');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  put('release.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  put('release.pub', publicKey.export({ type: 'spki', format: 'pem' }) as string);
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'hunter2' };
  put('locked.pem', privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }) as string);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, text: string) => writeFileSync(join(folder, path), text);
const ask = (words: string, environment = {}) => run(words.split(' '), { folder, environment });

describe('switchyard sign and verify', () => {
  it('sign several models, each beside itself, and say who signed', async () => {
    put('b.onnx', 'b');
    const signed = await ask('sign model/ b.onnx --key release.pem');
    expect(signed.out).toBe(
      `Signed ${join(folder, 'model')}: ${join(folder, 'model.sig')}\nSigned ${join(folder, 'b.onnx')}: ${join(folder, 'b.onnx.sig')}\n`,
    );
    const verified = await ask('verify model b.onnx --public-key release.pub --output json');
    expect(verified.status).toBe(0);
    expect(JSON.parse(verified.out)).toMatchObject([
      { model: 'model', verified: true, signer: 'release.pub', problems: [] },
      { model: 'b.onnx', verified: true },
    ]);
  });

  it('name each file that is another one, missing, or one more', async () => {
    put('model/c.txt', 'c');
    // The signature may lie in the folder itself.
    await ask('sign model --key release.pem --signature model/model.sig');
    const verify = (more = '') =>
      ask(`verify model --signature model/model.sig --public-key release.pub${more}`);
    expect((await verify()).status).toBe(0);
    put('model/a.onnx', 'b');
    put('model/d.py', '');
    rmSync(join(folder, 'model', 'c.txt'));
    const found = await verify();
    expect(found).toMatchObject({
      status: 1,
      out: 'model: not verified\n  a.onnx is not what was signed\n  c.txt was signed, and is not there\n  d.py was not signed\n',
    });
    expect((await verify(' --ignore-unsigned')).out).not.toContain('d.py');
  });

  it('say of what nobody signed that it is not signed, go on with the others, and say what to do', async () => {
    put('b.onnx', 'b');
    await ask('sign model --key release.pem');
    const { status, out, err } = await ask('verify b.onnx model --public-key release.pub');
    expect([status, err]).toEqual([1, '']);
    expect(out).toContain('b.onnx: not verified\n  ModelUnsigned: it is not signed');
    expect(out).toContain('switchyard sign PATH --key FILE');
    expect(out).toContain('model: signed by release.pub');
  });

  it('say what to do where somebody signed who is not trusted', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    put('other.pub', publicKey.export({ type: 'spki', format: 'pem' }) as string);
    await ask('sign model --key release.pem');
    const { status, out } = await ask('verify model --public-key other.pub');
    expect(status).toBe(1);
    expect(out).toMatch(/SignerUntrusted: .*not trusted\n {2}Where whoever signed is to be trusted/);
    const [judged] = JSON.parse((await ask('verify model --public-key other.pub -o json')).out);
    expect(judged.hint).toContain('--public-key');
  });

  it('take a key with a password from the environment', async () => {
    const words = 'sign model --key locked.pem --password-variable KEY_PASSWORD';
    expect((await ask(words, { KEY_PASSWORD: 'hunter2' })).status).toBe(0);
    expect(await ask(words)).toMatchObject({ status: 2, err: expect.stringContaining('KEY_PASSWORD') });
    const wrong = await ask(words, { KEY_PASSWORD: 'hunter3' });
    expect(wrong).toMatchObject({ status: 1, err: expect.stringContaining('KeyUnusable') });
    expect(wrong.err).not.toContain('hunter');
  });

  it('refuse to verify with a private key, and repeat none of it', async () => {
    await ask('sign model --key release.pem');
    const pem = readFileSync(join(folder, 'release.pem'), 'utf8');
    put('both.pem', `${readFileSync(join(folder, 'release.pub'), 'utf8')}${pem}`);
    for (const [flag, key] of [
      ['--public-key', 'release.pem'],
      ['--public-key', 'locked.pem'],
      ['--public-key', 'both.pem'],
      ['--authority', 'both.pem'],
    ]) {
      const refused = await ask(`verify model ${flag} ${key}`);
      expect(refused).toMatchObject({
        status: 1,
        out: '',
        err: expect.stringContaining('holds a private key'),
      });
      expect(refused.err).toContain(`KeyUnusable`);
      for (const line of pem.trim().split('\n')) expect(refused.err).not.toContain(line);
    }
  });

  it('refuse what leads elsewhere, and what cannot be read', async () => {
    symlinkSync('/etc/hostname', join(folder, 'model', 'link'));
    expect((await ask('sign model --key release.pem')).err).toContain('symbolic link');
    expect((await ask('sign nothing --key release.pem')).err).toContain('ModelUnreadable');
    expect((await ask('sign release.pub --key release.pub')).err).toContain('KeyUnusable');
    expect((await ask('verify nothing --public-key release.pub')).err).toContain('ModelUnreadable');
    const elsewhere = await ask('verify release.pub --public-key release.pub --signature gone.sig');
    expect(elsewhere.err).toContain('SignatureUnreadable');
    expect(elsewhere.err).not.toContain('PEM');
    expect((await ask('verify release.pub')).err).toContain('nobody is trusted');
  });
});
