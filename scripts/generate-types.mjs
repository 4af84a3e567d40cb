// Writes what follows from the schemas: schemas/generated/<kind>.ts (the type of the manifest, of its spec, and the
// schema itself with its references inlined, so that nothing is read from disk at run time) and the table of fields
// in docs/kinds/<kind>.md; a strategy has its table in docs/strategies/<strategy>.md. With --check it writes nothing and fails where a file is stale.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'schemas');
const generated = join(sources, 'generated');
const pages = join(root, 'docs', 'kinds');
const strategyPages = join(root, 'docs', 'strategies');
const suffix = '.schema.json';

const files = new Map();
for (const file of readdirSync(sources)
  .filter((name) => name.endsWith(suffix))
  .sort()) {
  const name = file.slice(0, -suffix.length);
  const schema = inline(read(file), file, []);
  files.set(join(generated, `${name}.ts`), await typescript(name, schema));
  const page = join(pages, `${name}.md`);
  if (existsSync(page)) files.set(page, withFields(page, rowsOfKind(schema)));
  if (name !== 'strategy') continue;
  for (const [strategy, fields] of Object.entries(schema.properties)) {
    const itsPage = join(strategyPages, `${kebab(strategy)}.md`);
    files.set(itsPage, withFields(itsPage, rowsOf(fields, `strategy.${strategy}`)));
  }
}

const stale = [...files].filter(([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text);
const orphans = existsSync(generated)
  ? readdirSync(generated)
      .map((name) => join(generated, name))
      .filter((path) => !files.has(path))
  : [];

if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${relative(root, path)} is stale: run \`npm run generate\`.`);
  for (const path of orphans)
    console.error(`${relative(root, path)} has no schema: run \`npm run generate\`.`);
  process.exitCode = stale.length + orphans.length > 0 ? 1 : 0;
} else {
  mkdirSync(generated, { recursive: true });
  for (const [path, text] of stale) writeFileSync(path, text);
  for (const path of orphans) rmSync(path);
  console.log(`${files.size} files, ${stale.length} written, ${orphans.length} removed`);
}

function read(file) {
  return JSON.parse(readFileSync(join(sources, file), 'utf8'));
}

/** Replaces every reference by what it means; keywords beside a reference win over those behind it. */
function inline(value, file, trail) {
  if (Array.isArray(value)) return value.map((item) => inline(item, file, trail));
  if (value === null || typeof value !== 'object') return value;
  const { $ref, ...beside } = value;
  const own = Object.fromEntries(
    Object.entries(beside)
      .filter(([key]) => key !== 'definitions' || trail.length > 0)
      .map(([key, child]) => [key, inline(child, file, [...trail, key])]),
  );
  if ($ref === undefined) return own;
  const [target, pointer] = $ref.split('#');
  const where = `${target || file}#${pointer}`;
  if (trail.includes(where)) throw new Error(`${file}: ${$ref} refers to itself`);
  const meant = pointer
    .split('/')
    .slice(1)
    .reduce((node, key) => node?.[key], read(target || file));
  if (meant === undefined) throw new Error(`${file}: ${$ref} names nothing`);
  return { ...inline(meant, target || file, [...trail, where]), ...own };
}

async function typescript(name, schema) {
  const manifest = schema.title;
  const constant = `${name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())}Schema`;
  const types = await compile(schema, manifest, {
    bannerComment: `// Written by \`npm run generate\` from schemas/${name}${suffix}: edit that file instead.`,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: true,
    style: { singleQuote: true, printWidth: 110 },
  });
  const spec =
    name === 'envelope' || name === 'strategy'
      ? ''
      : `export type ${schema.title}Spec = ${manifest}['spec'];\n\n`;
  return `${types}\n${spec}export const ${constant} = ${JSON.stringify(schema, null, 2)} as const;\n`;
}

/** Puts the table of fields between the page's two markers. */
function withFields(path, fields) {
  const parts = readFileSync(path, 'utf8').split(/(<!-- fields -->\n)[\s\S]*(<!-- \/fields -->)/);
  if (parts.length !== 4)
    throw new Error(`${relative(root, path)} lacks the markers <!-- fields --> and <!-- /fields -->`);
  const rows = [['field', 'type', 'required', 'default', 'what it is'], ...fields];
  return `${parts[0]}${parts[1]}${table(rows)}\n${parts[2]}${parts[3]}`;
}

function rowsOfKind({ properties }) {
  return [...rowsOf(properties.metadata, 'metadata'), ...rowsOf(properties.spec, 'spec')];
}

function kebab(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Cells padded to their column's width, as the formatter has tables. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}

function rowsOf(schema, prefix) {
  const rows = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (/^(labels|annotations)$/.test(name) && prefix === 'metadata') continue;
    const field = `${prefix}.${name}`;
    const required = schema.required?.includes(name) ? 'yes' : '';
    const fallback = property.default === undefined ? '' : `\`${asYaml(property.default)}\``;
    const description = property.description.replaceAll('|', '\\|');
    rows.push([`\`${field}\``, typeOf(property), required, fallback, description]);
    // Strategies have pages of their own.
    if (/^spec\.strategy\.\w+$/.test(field)) continue;
    rows.push(...rowsOf(property, field));
    if (property.items !== undefined) rows.push(...rowsOfForms(property.items, `${field}[]`));
  }
  return rows;
}

/** The fields of a value that may have several forms, each field once. */
function rowsOfForms(schema, prefix) {
  const rows = [schema, ...(schema.anyOf ?? [])].flatMap((form) => rowsOf(form, prefix));
  return rows.filter(([field], index) => rows.findIndex(([other]) => other === field) === index);
}

function asYaml(value) {
  const text = JSON.stringify(value).replaceAll('":', '": ').replaceAll('"', '');
  return text.replaceAll(/\{(?=[^}])/g, '{ ').replaceAll(/(?<=[^{])\}/g, ' }');
}

function typeOf(property) {
  if (property.enum !== undefined && property.enum.length <= 6) {
    return property.enum.map((value) => `\`${value}\``).join(', ');
  }
  if (property.enum !== undefined) return `one of ${property.enum.length} names`;
  if (property.type === 'array') return `list of ${property.items.type ?? 'value'}s`;
  return property.type ?? property.anyOf.map(({ type }) => type).join(' or ');
}
