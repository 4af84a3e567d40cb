/**
 * Takes the operations that the tests answer out of GitHub's published OpenAPI description, without its prose:
 *
 *   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
 *   node scripts/extract-github-openapi.mjs package/generated/api.github.com.json
 *
 * The package itself is half a gigabyte unpacked, hence the extract.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const pulls = '/repos/{owner}/{repo}/pulls';
const issues = '/repos/{owner}/{repo}/issues';
const git = '/repos/{owner}/{repo}/git';
const commits = '/repos/{owner}/{repo}/commits/{ref}';
const wanted = {
  '/app': ['get'],
  '/app/installations/{installation_id}/access_tokens': ['post'],
  '/user': ['get'],
  '/repos/{owner}/{repo}/activity': ['get'],
  '/repos/{owner}/{repo}/check-runs': ['post'],
  '/repos/{owner}/{repo}/check-runs/{check_run_id}': ['patch'],
  '/repos/{owner}/{repo}/contents/{path}': ['get'],
  '/repos/{owner}/{repo}/installation': ['get'],
  '/repos/{owner}/{repo}/statuses/{sha}': ['post'],
  [`${commits}/check-runs`]: ['get'],
  [`${commits}/statuses`]: ['get'],
  [`${git}/blobs`]: ['post'],
  [`${git}/commits`]: ['post'],
  [`${git}/commits/{commit_sha}`]: ['get'],
  [`${git}/ref/{ref}`]: ['get'],
  [`${git}/refs`]: ['post'],
  [`${git}/refs/{ref}`]: ['patch', 'delete'],
  [`${git}/trees`]: ['post'],
  [`${issues}/comments/{comment_id}`]: ['patch', 'delete'],
  [`${issues}/{issue_number}`]: ['get'],
  [`${issues}/{issue_number}/comments`]: ['get', 'post'],
  [`${issues}/{issue_number}/events`]: ['get'],
  [`${issues}/{issue_number}/labels`]: ['post'],
  [`${issues}/{issue_number}/labels/{name}`]: ['delete'],
  [pulls]: ['get', 'post'],
  [`${pulls}/{pull_number}`]: ['get', 'patch'],
  [`${pulls}/{pull_number}/commits`]: ['get'],
  [`${pulls}/{pull_number}/merge`]: ['put'],
  [`${pulls}/{pull_number}/reviews`]: ['get'],
};

const prose = [
  'description',
  'summary',
  'title',
  'example',
  'examples',
  'externalDocs',
  'tags',
  'deprecated',
];
const named = ['properties', 'patternProperties'];

function withoutProse(value, areNames = false) {
  if (Array.isArray(value)) return value.map((each) => withoutProse(each));
  if (typeof value !== 'object' || value === null) return value;
  if (!areNames && typeof value.$ref === 'string') return { $ref: value.$ref };
  const kept = Object.entries(value).filter(
    ([key]) => areNames || !(prose.includes(key) || key.startsWith('x-')),
  );
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, withoutProse(inner, !areNames && named.includes(key))]),
  );
}

function* references(value) {
  if (typeof value !== 'object' || value === null) return;
  if (typeof value.$ref === 'string') yield value.$ref;
  for (const inner of Object.values(value)) yield* references(inner);
}

const source = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const paths = Object.fromEntries(
  Object.entries(wanted).map(([path, methods]) => [
    path,
    Object.fromEntries(methods.map((method) => [method, withoutProse(source.paths[path][method])])),
  ]),
);
const components = {};
const waiting = [...references(paths)];
for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
  const [, , section, name] = reference.split('/');
  components[section] ??= {};
  if (components[section][name] !== undefined) continue;
  components[section][name] = withoutProse(source.components[section][name]);
  waiting.push(...references(components[section][name]));
}
const extract = {
  openapi: source.openapi,
  info: {
    title: "GitHub's REST API, the part that the tests answer",
    version: '@octokit/openapi 23.0.2',
    license: { name: 'MIT', 'x-copyright': 'Copyright (c) 2020 Octokit contributors' },
  },
  paths,
  components,
};
const target = new URL('../test/fixtures/forges/github-openapi.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(extract)}\n`);
