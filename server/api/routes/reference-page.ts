import { readFile } from 'node:fs/promises';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { assetMissing } from '../errors.ts';
import { defineRoute, type Route } from '../route.ts';

/** `/docs`: the reference that one can try out, from files of this package alone. */
export function referencePage(): readonly Route[] {
  return [page, asset];
}

const page = defineRoute({
  name: 'getReferencePage',
  method: 'GET',
  path: '/docs',
  tag: 'Operation',
  summary: 'This reference, to read and to try out',
  answers: { 200: { description: 'A page.', type: 'text/html' } },
  isPublic: true,
  handle: () =>
    new Response(html, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy': policy,
      },
    }),
});

const asset = defineRoute({
  name: 'getReferenceAsset',
  method: 'GET',
  path: '/docs/assets/{file}',
  tag: 'Operation',
  summary: 'A file of the reference page',
  parameters: {
    file: {
      description: 'Its name.',
      schema: { type: 'string', maxLength: 100 },
      example: 'swagger-ui.css',
    },
  },
  answers: { 200: { description: 'The file.', type: '*/*' } },
  errors: [404],
  isPublic: true,
  async handle({ parameters: { file = '' } }) {
    const type = types[file];
    if (type === undefined) throw assetMissing(file);
    const content = file === 'start.js' ? startScript : await assetContent(file);
    return new Response(content, {
      headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' },
    });
  },
});

const types: Readonly<Record<string, string>> = {
  'start.js': 'text/javascript; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

async function assetContent(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(packageFile(`dist/server/assets/swagger-ui/${file}`)));
  } catch {
    throw assetMissing(file);
  }
}

/** Scripts and styles of this server alone; the page's icons are data in its style sheet. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Switchyard status API</title>
<link rel="icon" type="image/png" href="docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<noscript>This page needs JavaScript. The document that it shows is at <a href="openapi.json">openapi.json</a>.</noscript>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/start.js"></script>
</body>
</html>
`;

const startScript = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;
