import type { Attachment, AttachmentRequest, Finding, Metadata, Ref, Resource } from '../plugin.ts';
import type { Attached } from './attachments.ts';
import { digestWith } from './digest.ts';
import type { Issue } from './issue.ts';
import type { JsonObject } from './json.ts';
import { emptySpec, KeptDocument, KeptResource } from './kept-document.ts';
import type { CompiledKind } from './kind-set.ts';
import { limits } from './limits.ts';
import { type Entry, issuesOf } from './manifest-files.ts';
import { type Judgement, judge, type Known, kinOf, type Standing, validationCrashed } from './references.ts';

/** What the documents of one commit say about one ref. */
export interface Claim {
  readonly ref: Ref;
  /** Those that declare it and those that only seem to, in order of their places. */
  readonly entries: readonly Entry[];
  readonly kind: CompiledKind | undefined;
  /** Well formed: right by itself, its attachments there, and alone with its ref. Not yet judged among others. */
  readonly resource: Resource | undefined;
  readonly requests: readonly AttachmentRequest[];
  /** Folders in which an attachment was missed. */
  readonly searched: readonly string[];
  /** What is wrong with the sole document beyond its own findings: its attachments. */
  readonly findings: readonly Finding[];
  /** Everything that is wrong, with its places. */
  readonly issues: readonly Issue[];
  /** Well formed, and all that it refers to exists and agrees. */
  readonly isValid: boolean;
  /** Patterns among whose members a missing reference could appear. */
  readonly hopes: readonly Ref[];
}

const none: readonly Attachment[] = Object.freeze([]);

/** Begins the claim of a ref: which document it is, and what that asks for. */
export function beginClaim(ref: Ref, entries: readonly Entry[]): Claim {
  const sorted = inOrder(entries);
  const declaring = sorted.filter((entry) => entry.ref !== undefined);
  const sole = declaring.length === 1 && declaring[0] && isClean(declaring[0]) ? declaring[0] : undefined;
  const claim = {
    ref,
    entries: sorted,
    kind: declaring[0]?.kind,
    resource: undefined,
    requests: [],
    searched: [],
    findings: [],
    issues: [],
    isValid: false,
    hopes: [],
  };
  if (sole?.kind === undefined) return claim;
  const { definition } = sole.kind;
  if (definition.attachments === undefined) return claim;
  try {
    return { ...claim, requests: definition.attachments(resourceOf(ref, sole, '', [])) };
  } catch (thrown) {
    return { ...claim, findings: [validationCrashed(definition, thrown)] };
  }
}

/**
 * Completes a claim's resource from what its attachments came to. A resource that says the same at the same place stays
 * the very same object: its `origin.commit` is then an earlier commit in which the line stands as well.
 */
export function formClaim(
  begun: Claim,
  attached: Attached | undefined,
  commit: string,
  previous: Resource | undefined,
): Claim {
  const declaring = begun.entries.filter((entry) => entry.ref !== undefined);
  const [sole] = declaring;
  const findings = [...begun.findings, ...(attached?.findings ?? [])];
  const claim = { ...begun, findings, searched: attached?.searched ?? [] };
  if (sole === undefined || declaring.length > 1 || !isClean(sole) || findings.some(isError)) return claim;
  const attachments = attached?.attachments ?? none;
  const digest = digestWith(sole.document.digest, attachments);
  if (previous !== undefined && isSame(previous, sole, digest)) return { ...claim, resource: previous };
  return { ...claim, resource: resourceOf(claim.ref, sole, commit, attachments, digest) };
}

/** Judges a claim among the others and tells all that is wrong with it. */
export function judgeClaim(claim: Claim, known: Known & { standing(ref: Ref): Standing }): Claim {
  const { resource, kind, entries } = claim;
  const judgement: Judgement =
    resource && kind ? judge(resource, kind.definition, known) : { findings: [], missing: [] };
  const declaring = entries.filter((entry) => entry.ref !== undefined);
  const issues = entries.flatMap((entry) => {
    if (entry.ref === undefined) return issuesOf(entry);
    if (declaring.length > 1) return issuesOf(entry, [...entry.findings, duplicate(entry, declaring)]);
    return issuesOf(entry, [...entry.findings, ...claim.findings, ...capped(judgement.findings)]);
  });
  return {
    ...claim,
    issues,
    isValid: resource !== undefined && !judgement.findings.some(isError),
    hopes: judgement.missing.map(({ to }) => kinOf(to)),
  };
}

/** What a claim holds that neither its documents nor its references tell. */
export type ClaimFacts = Pick<
  Claim,
  'requests' | 'searched' | 'findings' | 'issues' | 'hopes' | 'isValid'
> & {
  /** Null: there is no resource. */
  readonly attachments: readonly Attachment[] | null;
};

/** The facts of most claims: one right document that stands on no file. */
export const plainFacts: ClaimFacts = {
  requests: [],
  searched: [],
  findings: [],
  issues: [],
  hopes: [],
  isValid: true,
  attachments: none,
};

/** The claim that had these documents and facts at that commit. */
export function claimFrom(ref: Ref, entries: readonly Entry[], facts: ClaimFacts, commit: string): Claim {
  const { attachments, requests, searched, findings, issues, hopes, isValid } = facts;
  const sorted = inOrder(entries);
  const sole = sorted.find((entry) => entry.ref !== undefined);
  const resource =
    sole && attachments
      ? resourceOf(ref, sole, commit, attachments, digestWith(sole.document.digest, attachments))
      : undefined;
  const kind = sole?.kind;
  return { ref, entries: sorted, kind, resource, requests, searched, findings, issues, hopes, isValid };
}

export function isError(finding: Finding): boolean {
  return finding.severity !== 'warning';
}

function inOrder(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length < 2) return entries;
  return [...entries].sort(
    (a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)) || a.document.line - b.document.line,
  );
}

function isClean(entry: Entry): boolean {
  return entry.document.problems.length === 0 && !entry.findings.some(isError);
}

function isSame({ digest, origin }: Resource, { path, document }: Entry, wanted: string): boolean {
  return (
    digest === wanted &&
    origin.path === path &&
    origin.line === document.line &&
    origin.column === document.column
  );
}

function resourceOf(
  ref: Ref,
  { path, document }: Entry,
  commit: string,
  attachments: readonly Attachment[],
  digest = document.digest,
): Resource {
  const { line, column } = document;
  const origin = Object.freeze({ commit, path, line, column });
  if (document instanceof KeptDocument)
    return new KeptResource({ ref, origin, digest, attachments }, document);
  const { apiVersion, kind, metadata, spec } = document.value as JsonObject;
  return Object.freeze({
    ref,
    apiVersion: apiVersion as string,
    kind: kind as string,
    metadata: metadata as unknown as Metadata,
    spec: spec ?? emptySpec,
    origin,
    digest,
    attachments,
  });
}

function duplicate(entry: Entry, declaring: readonly Entry[]): Finding {
  const others = declaring.filter((other) => other !== entry);
  const [first] = others;
  const more = others.length > 1 ? ` and ${others.length - 1} more` : '';
  return {
    code: 'DuplicateResource',
    pointer: '/metadata/name',
    message: `${entry.ref} is declared at ${first?.path}:${first?.document.line}${more} too`,
    hint: 'Keep one of them, or give this one another name.',
  };
}

function capped(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= limits.problems) return findings;
  const more = findings.length - limits.problems;
  return [
    ...findings.slice(0, limits.problems),
    { code: 'AndMore', pointer: '', message: `and ${more} more` },
  ];
}
