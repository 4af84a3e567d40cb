// Compiles the sources into dist/, names them by a digest, and puts the reference page's assets beside the server.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);

// What was kept under the judgement of other code is not believed: see docs/adr/0018-kept-snapshots.md.
const digest = createHash('sha256').update(readFileSync(join(root, 'package.json')));
const compiled = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'));
for (const name of compiled.sort()) digest.update(`\n${name}\n`).update(readFileSync(join(dist, name)));
writeFileSync(join(dist, 'build-digest'), `${digest.digest('hex')}\n`);

const swagger = dirname(require.resolve('swagger-ui-dist/package.json'));
const assets = join(dist, 'server', 'assets', 'swagger-ui');
mkdirSync(assets, { recursive: true });
for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'LICENSE']) {
  cpSync(join(swagger, name), join(assets, name));
}
chmodSync(join(dist, 'cli', 'main.js'), 0o755);
