import { didYouMean, meantBy, quoted } from '../../libraries/did-you-mean/index.ts';
import { type Finding, type Ref, refOf } from '../plugin.ts';
import { isObject, type JsonObject, own } from './json.ts';
import type { CompiledKind, KindSet } from './kind-set.ts';
import type { ParsedDocument } from './parse.ts';
import { withArticle } from './with-article.ts';

/** The version of the manifest language. */
export const apiVersion = 'switchyard/v1';

/** What a document says it is, and what is wrong with it on its own. */
export interface Examined {
  /** The resource that it declares; undefined where that cannot be told for sure. */
  readonly ref: Ref | undefined;
  /** The resource that it seems to declare, where `ref` is undefined. */
  readonly guess: Ref | undefined;
  readonly kind: CompiledKind | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Judges one document by itself: envelope, name, scope, the kind's schema. Undefined for a document that is none of
 * ours: see `docs/adr/0006-snapshot-is-a-function-of-the-commit.md` for how that is told.
 */
export function examine(
  document: ParsedDocument,
  file: { readonly path: string; readonly mentions: boolean; readonly documents: number },
  kinds: KindSet,
): Examined | undefined {
  const { value, problems, torn } = document;
  const isConventional = kinds.isConventional(file.path);
  const envelope = isObject(value) ? value : undefined;
  const isOurs =
    isConventional || (torn && file.mentions) || (envelope !== undefined && speaksOurs(envelope, kinds));
  if (!isOurs) return undefined;

  if (envelope === undefined) {
    const findings = problems.length > 0 ? [] : [notAManifest()];
    return { ref: undefined, guess: kinds.guess(file.path), kind: undefined, findings };
  }
  const { kind, ref, findings } = readEnvelope(envelope, kinds);
  if (problems.length > 0) {
    const unsure = torn || problems.some(({ pointer }) => identity.test(pointer));
    const guess = ref !== undefined && !unsure ? undefined : (ref ?? kinds.guess(file.path));
    return { ref: unsure ? undefined : ref, guess, kind, findings: [] };
  }
  // Another version of the language would have another schema.
  if (kind !== undefined && (own(envelope, 'apiVersion') ?? apiVersion) === apiVersion) {
    const told = findings.map(({ pointer }) => pointer);
    for (const finding of kind.check(envelope)) if (!told.includes(finding.pointer)) findings.push(finding);
    const misplaced = findMisplaced(envelope, kind, file);
    if (misplaced) findings.push(misplaced);
  }
  return { ref, guess: ref === undefined ? kinds.guess(file.path) : undefined, kind, findings };
}

/** Problems in these fields leave open which resource is meant. */
const identity = /^$|^\/(apiVersion|kind|metadata(\/(name|environment|model))?)$/;

/** Whether a document outside of the folders where manifests are expected is one of ours. */
function speaksOurs(document: JsonObject, kinds: KindSet): boolean {
  const version = own(document, 'apiVersion');
  if (typeof version === 'string') {
    return version.startsWith('switchyard/') || meantBy(version, [apiVersion]) !== undefined;
  }
  const kind = own(document, 'kind');
  return typeof kind === 'string' && kinds.get(kind) !== undefined;
}

function readEnvelope(
  document: JsonObject,
  kinds: KindSet,
): { kind: CompiledKind | undefined; ref: Ref | undefined; findings: Finding[] } {
  const findings: Finding[] = [];
  checkVersion(document, findings);
  const kind = readKind(document, kinds, findings);
  const metadata = own(document, 'metadata');
  if (!isObject(metadata)) {
    findings.push({
      code: metadata === undefined ? 'MissingField' : 'WrongType',
      pointer: '/metadata',
      message: metadata === undefined ? '`metadata` is missing' : '`metadata` must be a map of fields',
      hint: 'A manifest has `apiVersion`, `kind`, `metadata` with a `name`, and `spec`.',
    });
    return { kind, ref: undefined, findings };
  }
  const name = readName(metadata, 'name', findings);
  if (kind === undefined) return { kind, ref: undefined, findings };
  const { definition } = kind;
  for (const field of ['environment', 'model'] as const) {
    if (field === definition.scope || own(metadata, field) === undefined) continue;
    findings.push({
      code: 'UnknownField',
      pointer: `/metadata/${field}`,
      message: `${withArticle(definition.kind)} has no ${quoted(field)}`,
      hint: 'Remove the line.',
    });
  }
  if (definition.scope === undefined) {
    return { kind, ref: name === undefined ? undefined : refOf(definition.kind, name), findings };
  }
  const scope = readName(metadata, definition.scope, findings);
  const ref = name === undefined || scope === undefined ? undefined : refOf(definition.kind, name, scope);
  return { kind, ref, findings };
}

function checkVersion(document: JsonObject, findings: Finding[]): void {
  const version = own(document, 'apiVersion');
  const pointer = '/apiVersion';
  if (version === apiVersion) return;
  if (version === undefined) {
    const hint = `Add ${quoted(`apiVersion: ${apiVersion}`)}.`;
    findings.push({ code: 'MissingField', pointer, message: '`apiVersion` is missing', hint });
    return;
  }
  const shown = typeof version === 'string' ? quoted(version) : 'this';
  findings.push({
    code: 'UnknownApiVersion',
    pointer,
    message: `${shown} is not a version of the manifest language`,
    hint: `Write ${quoted(apiVersion)}. A file that is no manifest belongs outside of the folders of manifests.`,
  });
}

function readKind(document: JsonObject, kinds: KindSet, findings: Finding[]): CompiledKind | undefined {
  const name = own(document, 'kind');
  const pointer = '/kind';
  if (typeof name === 'string') {
    const kind = kinds.get(name);
    if (kind) return kind;
    const hint = didYouMean(name, [...kinds.names()].sort());
    findings.push({
      code: 'UnknownKind',
      pointer,
      message: `no plugin knows the kind ${quoted(name)}`,
      ...(hint === undefined ? {} : { hint }),
    });
    return undefined;
  }
  const hint = `The kinds are ${[...kinds.names()].sort().map(quoted).join(', ')}.`;
  if (name === undefined)
    findings.push({ code: 'MissingField', pointer, message: '`kind` is missing', hint });
  else findings.push({ code: 'WrongType', pointer, message: '`kind` must be text', hint });
  return undefined;
}

const namePattern = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function readName(
  metadata: JsonObject,
  field: 'name' | 'environment' | 'model',
  findings: Finding[],
): string | undefined {
  const name = own(metadata, field);
  const pointer = `/metadata/${field}`;
  const hint = 'Use lower-case letters, digits, hyphens and dots; begin and end with a letter or a digit.';
  if (typeof name === 'string' && namePattern.test(name)) return name;
  if (name === undefined) {
    const message =
      field === 'name' ? '`name` is missing' : `${quoted(field)} is missing: the name is unique in it`;
    findings.push({ code: 'MissingField', pointer, message, hint });
  } else if (typeof name === 'string') {
    findings.push({ code: 'InvalidName', pointer, message: `${quoted(name)} is not a valid ${field}`, hint });
  } else {
    findings.push({
      code: 'WrongType',
      pointer,
      message: `${quoted(field)} must be text`,
      hint: 'Write it in quotes.',
    });
  }
  return undefined;
}

function notAManifest(): Finding {
  return {
    code: 'NotAManifest',
    pointer: '',
    message: 'this is not a manifest',
    hint: 'A manifest is a map with `apiVersion`, `kind`, `metadata` and `spec`; other files belong elsewhere.',
  };
}

/** The folder says one thing and the document another: the reviewer of the folder may not be that of the document. */
function findMisplaced(
  document: JsonObject,
  kind: CompiledKind,
  file: { readonly path: string; readonly documents: number },
): Finding | undefined {
  const said = kind.template.read(file.path);
  const metadata = own(document, 'metadata');
  if (said === undefined || !isObject(metadata)) return undefined;
  for (const [field, expected] of said) {
    const actual = own(metadata, field);
    if (actual === expected || typeof actual !== 'string') continue;
    if (field === 'name' && file.documents > 1) continue;
    return {
      code: 'MisplacedManifest',
      pointer: `/metadata/${field}`,
      message: `the path says that the ${field} is ${quoted(expected)}`,
      hint: `By convention ${withArticle(kind.definition.kind)} lives at ${quoted(kind.definition.path)}.`,
      severity: 'warning',
    };
  }
  return undefined;
}
