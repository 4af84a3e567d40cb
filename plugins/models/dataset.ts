import { defineKind, type Finding } from '../../core/plugin.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import { mostProfileBytes } from '../../libraries/profile/reference-profile.ts';
import { type DatasetSpec, datasetSchema } from '../../schemas/generated/dataset.ts';
import { type NamedProfile, namedProfiles } from './reference-profile.ts';
import { attachmentOfUri, fileFindings, uriFindings } from './uri.ts';

/** Data that models are trained and measured on. */
export const datasetKind = defineKind<DatasetSpec>({
  kind: 'Dataset',
  plural: 'datasets',
  description: 'Data that models are trained and measured on: its versions, and what its columns promise.',
  schema: datasetSchema,
  path: 'datasets/{name}.yaml',
  validationVersion: '4',
  columns: [{ title: 'License', pointer: '/spec/license' }],

  attachments(resource) {
    return resource.spec.versions.flatMap(({ uri, profile }, index) => {
      const pointer = `/spec/versions/${index}`;
      const path = profile && pathFromManifest(resource, profile.path);
      return [
        ...attachmentOfUri(resource, uri, `${pointer}/uri`),
        ...(path === undefined ? [] : [{ path, pointer: `${pointer}/profile/path`, read: false }]),
      ];
    });
  },

  validate(resource) {
    const { versions, columns } = resource.spec;
    const findings: Finding[] = [
      ...duplicates(
        versions.map(({ version }) => version),
        'version',
        '/spec/versions',
        'DuplicateVersion',
      ),
      ...duplicates(
        columns.map(({ name }) => name),
        'name',
        '/spec/columns',
        'DuplicateColumn',
      ),
    ];
    for (const [index, version] of versions.entries()) {
      findings.push(...uriFindings(resource, version.uri, `/spec/versions/${index}/uri`));
      findings.push(...fileFindings(resource, version, `/spec/versions/${index}`));
    }
    for (const named of namedProfiles(resource)) findings.push(...profileFindings(named));
    findings.push(...expectationFindings(resource.spec));
    for (const [index, column] of columns.entries()) findings.push(...columnFindings(column, index));
    return findings;
  },
});

/** What can be told of a profile without reading it. */
function profileFindings({ index, path, file, claim }: NamedProfile): readonly Finding[] {
  const pointer = `/spec/versions/${index}/profile/path`;
  if (path === undefined) {
    return [
      {
        code: 'InvalidPath',
        pointer,
        message: 'this names no file in the registry',
        hint: 'Write a path from the manifest, such as profiles/strikes@1.json, or from the root with a leading slash.',
      },
    ];
  }
  const most = mostProfileBytes(claim.columns.length);
  if (file === undefined || file.size <= most) return [];
  const message = `${path} has ${file.size} bytes; a profile of ${claim.columns.length} columns has at most ${most}`;
  return [
    { code: 'ProfileTooLarge', pointer, message, hint: 'Make it anew with `switchyard profile data`.' },
  ];
}

function duplicates(
  names: readonly string[],
  field: string,
  pointer: string,
  code: string,
): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name)) {
      findings.push({ code, pointer: `${pointer}/${index}/${field}`, message: `"${name}" stands twice` });
    }
    seen.add(name);
  }
  return findings;
}

function expectationFindings({ expectations, columns }: DatasetSpec): readonly Finding[] {
  const findings: Finding[] = [];
  const { rows, freshness } = expectations ?? {};
  const refuse = (field: string, message: string) =>
    findings.push({ code: 'InvalidExpectation', pointer: `/spec/expectations/${field}`, message });
  if (rows?.min !== undefined && rows.max !== undefined && rows.min > rows.max)
    refuse('rows/min', `the rows begin at ${rows.min} and end at ${rows.max}`);
  const dated = freshness && columns.find(({ name }) => name === freshness.column);
  if (freshness !== undefined && dated?.type !== 'date') {
    const what = dated === undefined ? 'is not declared' : `is a ${dated.type}`;
    refuse(
      'freshness/column',
      `the column "${freshness.column}" ${what}: age is read from a column of dates`,
    );
  }
  return findings;
}

function columnFindings(column: DatasetSpec['columns'][number], index: number): readonly Finding[] {
  const { name, type, min, max, categories, nullable, maxMissing } = column;
  const pointer = `/spec/columns/${index}`;
  const isNumeric = type === 'number' || type === 'integer';
  const findings: Finding[] = [];
  const refuse = (field: string, message: string) =>
    findings.push({ code: 'InvalidColumn', pointer: `${pointer}/${field}`, message });
  if (min !== undefined && !isNumeric)
    refuse('min', `the column "${name}" is a ${type} and has no least value`);
  if (max !== undefined && !isNumeric)
    refuse('max', `the column "${name}" is a ${type} and has no greatest value`);
  if (min !== undefined && max !== undefined && min > max) {
    refuse('min', `the column "${name}" begins at ${min} and ends at ${max}`);
  }
  if (maxMissing !== undefined && nullable !== true)
    refuse('maxMissing', `the column "${name}" is not nullable: none of its values may be missing`);
  if (categories !== undefined && type !== 'string') {
    refuse('categories', `the column "${name}" is a ${type}: categories are for strings`);
  }
  return findings;
}
