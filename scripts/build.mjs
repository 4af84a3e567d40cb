// Compiles the sources into dist/ and puts the reference page's assets beside the server.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync } from 'node:fs';
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

const swagger = dirname(require.resolve('swagger-ui-dist/package.json'));
const assets = join(dist, 'server', 'assets', 'swagger-ui');
mkdirSync(assets, { recursive: true });
for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'LICENSE']) {
  cpSync(join(swagger, name), join(assets, name));
}
chmodSync(join(dist, 'cli', 'main.js'), 0o755);
