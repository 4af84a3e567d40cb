import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSigningKey, signStatement } from '../../libraries/model-signing/index.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { artifactSettings } from '../../plugins/artifacts/settings.ts';
import { servingSettings } from '../../plugins/serving/settings/settings.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { run } from '../cli/run.ts';
import { putTemplateRegistry } from '../fixtures/template-registry.ts';

const page = readFileSync(packageFile('docs/artifacts.md'), 'utf8');
const parent = mkdtempSync(join(tmpdir(), 'switchyard-artifacts-page-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

/** The YAML blocks whose first line is a comment that begins so, without that line. */
function blocks(beginning: string): readonly string[] {
  const all = [...page.matchAll(/```yaml(?: [\w-]+)?\n# ([^\n]*)\n([\s\S]*?)```/g)];
  return all.filter(([, title = '']) => title.startsWith(beginning)).map(([, , text = '']) => text);
}

describe('docs/artifacts.md', () => {
  it.each(blocks('switchyard.config.yaml'))('shows settings that are valid: %s', async (text) => {
    writeFileSync(join(parent, 'switchyard.config.yaml'), text);
    const sources = { flags: {}, environment: { HOME: parent }, folder: parent, terminal: false };
    const { plugins } = await readConfiguration(sources);
    expect(Object.keys(plugins).length).toBeGreaterThan(0);
    expect(artifactSettings(plugins.artifacts ?? {})).toMatchObject({ allowLinkLocal: false });
    expect(servingSettings(plugins.serving ?? {})).toMatchObject({ trials: 1 });
  });

  it.each(blocks('models/'))('shows an artifact that a version may have: %s', async (text) => {
    const folder = join(parent, 'registry');
    rmSync(folder, { recursive: true, force: true });
    await putTemplateRegistry(folder);
    const path = join(folder, 'models/bird-strike/versions/1.1.0.yaml');
    const { artifact } = parse(text) as {
      artifact: { uri: string; digest: string; size: number; signature?: { uri: string } };
    };
    const manifest = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      manifest.replace(/^ {2}artifact:\n(?: {4}.*\n)+/m, `  artifact: ${JSON.stringify(artifact)}\n`),
    );
    const { uri, digest, size, signature } = artifact;
    // What the page says of Git LFS: the commit holds a pointer to what is declared.
    const oid = digest.replace('sha256:', '');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
    if (uri.startsWith('file:')) writeFileSync(join(path, '..', uri.slice('file:'.length)), pointer);
    if (signature !== undefined) {
      const files = [{ name: '.', digest: oid }];
      const how = { hash: 'sha256', allowSymlinks: false, ignoredPaths: [] } as const;
      const bundle = signStatement({ model: 'model', ...how, files }, readSigningKey(makeKey().privateKey));
      writeFileSync(join(path, '..', signature.uri.slice('file:'.length)), bundle);
    }
    const checked = await run(['check', path], { folder });
    expect([checked.status, checked.out]).toEqual([0, expect.not.stringMatching(/error|warning/)]);
  });

  it('shows how to sign a model and how to verify it', async () => {
    const folder = join(parent, 'signed');
    await putTemplateRegistry(folder);
    const [, script = ''] = /```sh\n([\s\S]*?)```/.exec(page) ?? [];
    const said: string[] = [];
    for (const line of script.trim().split('\n')) {
      const [program = '', ...words] = line.split(' ');
      if (program === 'openssl') execFileSync(program, words, { cwd: folder, stdio: 'ignore' });
      else {
        const { status, out, err } = await run(words, { folder });
        expect([line, status, err]).toEqual([line, 0, '']);
        said.push(out.trim());
      }
    }
    expect(page).toContain(`\`${said.at(-1)}\``);
  });

  describe('an environment that asks for signatures', () => {
    const folder = join(parent, 'asking');
    const [example = ''] = blocks('environments/');
    const key = makeKey();
    const version = 'models/bird-strike/versions/1.1.0.yaml';
    const change = (path: string, edit: (text: string) => string) =>
      writeFileSync(join(folder, path), edit(readFileSync(join(folder, path), 'utf8')));
    const trusting = (publicKey: string) => {
      const { signing } = parse(example) as { signing: { keys: { publicKey: string }[] } };
      for (const one of signing.keys) one.publicKey = publicKey;
      return (text: string) => text.replace(/\n {2}signing: .*|$/, `\n  signing: ${JSON.stringify(signing)}`);
    };
    const environment = 'environments/production/environment.yaml';
    const check = async () => (await run(['check', folder], { folder })).out;

    it('is declared as the page shows', async () => {
      await putTemplateRegistry(folder);
      const { signing } = parse(example) as { signing: object };
      change(environment, (text) => `${text.trimEnd()}\n  signing: ${JSON.stringify(signing)}\n`);
      expect(await check()).not.toContain('KeyUnusable');
      change(environment, trusting(key.privateKey));
      expect(await check()).toContain('it holds a private key');
      change(environment, trusting(key.publicKey));
    });

    it('refuses a version without a signature, and takes one that counts', async () => {
      change('environments/production/bird-strike.yaml', (text) =>
        text.replace('version: 1.0.0', 'version: 1.1.0'),
      );
      expect(await check()).toContain('ArtifactUnsigned');
      writeFileSync(join(parent, 'release.pem'), key.privateKey);
      const artifact = join(folder, 'models/bird-strike/artifacts/1.1.0.onnx');
      await run(['sign', artifact, '--key', join(parent, 'release.pem')], { folder });
      change(version, (text) =>
        text.replace('    format: onnx\n', '    signature: { uri: file:../artifacts/1.1.0.onnx.sig }\n'),
      );
      expect(await check()).not.toMatch(/Signature|Signer|OtherModel|Unsigned/);
      change(environment, trusting(makeKey().publicKey));
      expect(await check()).toContain('SignerUntrusted');
      change(environment, trusting(key.publicKey));
      const other = join(folder, 'models/bird-strike/artifacts/1.0.0.onnx');
      await run(['sign', other, '--key', join(parent, 'release.pem'), '--signature', `${artifact}.sig`], {
        folder,
      });
      expect(await check()).toContain('OtherModel');
    });
  });
});

function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}
