import { didYouMean, quoted } from '../../libraries/did-you-mean/index.ts';
import {
  type Finding,
  type KindDefinition,
  messageOf,
  type Ref,
  type Reference,
  type Related,
  type Resource,
} from '../plugin.ts';
import { KeptResource } from './kept-document.ts';
import { withArticle } from './with-article.ts';

/** What a kind says about one resource, asked once for each resource. */
export interface Declared {
  readonly references: readonly Reference[];
  /** What went wrong where the kind's own code failed. */
  readonly crash: Finding | undefined;
}

/** The references that a resource makes. A kind that throws makes none, and says so in `crash`. */
export function referencesOf(resource: Resource, kind: KindDefinition | undefined): Declared {
  if (kind?.references === undefined) return nothing;
  const known = declaredBy(resource);
  if (known?.kind === kind) return known;
  let answer: Declared;
  try {
    answer = { references: kind.references(resource), crash: undefined };
  } catch (thrown) {
    answer = { references: [], crash: validationCrashed(kind, thrown) };
  }
  declared.set(resource, { ...answer, kind });
  return answer;
}

/** The references of a resource whose kind was asked before; none for another. */
export function knownReferences(resource: Resource): readonly Reference[] {
  return declaredBy(resource)?.references ?? [];
}

function declaredBy(resource: Resource) {
  return (resource instanceof KeptResource ? resource.declared : undefined) ?? declared.get(resource);
}

const nothing: Declared = { references: [], crash: undefined };
const declared = new WeakMap<Resource, Declared & { kind: KindDefinition }>();

/** Whether a reference means every resource of a kind or scope: `Kind/scope/*`. */
export function isPattern(to: Ref): boolean {
  return to.endsWith('/*');
}

/** The patterns that reach a resource: `Kind/scope/*` and `Kind/*`. */
export function patternsOf(ref: Ref): Ref[] {
  const patterns: Ref[] = [];
  for (let slash = ref.lastIndexOf('/'); slash > 0; slash = ref.lastIndexOf('/', slash - 1)) {
    patterns.push(`${ref.slice(0, slash)}/*`);
  }
  return patterns;
}

/** Resources to look into: by ref, and by `Kind/scope/*`. */
export interface Known {
  get(ref: Ref): Resource | undefined;
  members(pattern: Ref): Iterable<Ref>;
}

/** What a resource may see of others: those that it refers to and nothing else, so that validation stays incremental. */
export function relatedView(
  resource: Resource,
  kind: KindDefinition | undefined,
  resources: ReadonlyMap<Ref, Resource>,
): Related {
  return relatedIn(referencesOf(resource, kind).references, knownIn(resources));
}

function relatedIn(references: readonly Reference[], known: Known): Related {
  const named = new Set(references.map(({ to }) => to));
  return {
    get<Spec>(ref: Ref): Resource<Spec> | undefined {
      const isSeen = named.has(ref) || patternsOf(ref).some((pattern) => named.has(pattern));
      return isSeen ? (known.get(ref) as Resource<Spec> | undefined) : undefined;
    },
    matching<Spec>(pattern: Ref): readonly Resource<Spec>[] {
      if (!isPattern(pattern) || !named.has(pattern)) return [];
      const found: Resource<Spec>[] = [];
      for (const ref of [...known.members(pattern)].sort()) {
        const member = known.get(ref);
        if (member) found.push(member as Resource<Spec>);
      }
      return found;
    },
  };
}

/** A map of resources to look into. Maps that a snapshot made come with their index; for others it is made once. */
export function knownIn(resources: ReadonlyMap<Ref, Resource>): Known {
  return {
    get: (ref) => resources.get(ref),
    members(pattern) {
      let index = indexes.get(resources);
      if (index === undefined) {
        index = membersOf(resources.keys());
        indexes.set(resources, index);
      }
      return index.get(pattern) ?? [];
    },
  };
}

/** Says which refs a pattern may reach in a map of resources (some of them may be absent). */
export function rememberMembers(
  resources: ReadonlyMap<Ref, Resource>,
  members: ReadonlyMap<Ref, Iterable<Ref>>,
): void {
  indexes.set(resources, members);
}

const indexes = new WeakMap<ReadonlyMap<Ref, Resource>, ReadonlyMap<Ref, Iterable<Ref>>>();

/** For each pattern the refs that it reaches. */
export function membersOf(refs: Iterable<Ref>): Map<Ref, Ref[]> {
  const members = new Map<Ref, Ref[]>();
  for (const ref of refs) {
    for (const pattern of patternsOf(ref)) {
      const others = members.get(pattern);
      if (others) others.push(ref);
      else members.set(pattern, [ref]);
    }
  }
  return members;
}

/** `broken`: a document declares it, and cannot be used. */
export type Standing = 'absent' | 'broken' | 'there';

/** What is wrong with a resource in view of what it refers to. */
export interface Judgement {
  readonly findings: readonly Finding[];
  /** The references that name nothing. */
  readonly missing: readonly Reference[];
}

/**
 * Looks at a resource among those that it refers to: what is missing, then the kind's own `validate`, once all that it
 * needs is there. A reference to a broken document is not an error of this one. An exception in a plugin becomes
 * `ValidationCrashed`.
 */
export function judge(
  resource: Resource,
  kind: KindDefinition,
  known: Known & { standing(ref: Ref): Standing },
): Judgement {
  const { references, crash } = referencesOf(resource, kind);
  if (crash) return { findings: [crash], missing: [] };
  const missing: Reference[] = [];
  const findings: Finding[] = [];
  let isComplete = true;
  for (const reference of references) {
    if (isPattern(reference.to) || reference.optional === true) continue;
    const standing = known.standing(reference.to);
    if (standing !== 'there') isComplete = false;
    if (standing !== 'absent') continue;
    missing.push(reference);
    findings.push(missingReference(reference, known));
  }
  if (isComplete) findings.push(...validateAmong(resource, kind, known));
  return { findings, missing };
}

/** The kind's own `validate`, kept from harm. */
export function validateAmong(resource: Resource, kind: KindDefinition, known: Known): readonly Finding[] {
  if (kind.validate === undefined) return [];
  const related = relatedIn(referencesOf(resource, kind).references, known);
  try {
    return kind.validate(resource, related);
  } catch (thrown) {
    return [validationCrashed(kind, thrown)];
  }
}

/** The pattern whose members a missing reference could have meant. */
export function kinOf(ref: Ref): Ref {
  return `${ref.slice(0, ref.lastIndexOf('/'))}/*`;
}

export function validationCrashed(kind: KindDefinition, thrown: unknown): Finding {
  return {
    code: 'ValidationCrashed',
    pointer: '',
    message: `the plugin that owns ${kind.kind} failed on it: ${messageOf(thrown).slice(0, 200)}`,
    hint: 'This is a defect of that plugin; report it there.',
  };
}

function missingReference({ to, pointer }: Reference, known: Known): Finding {
  const [kind = '', ...rest] = to.split('/');
  const name = rest.pop() ?? '';
  const names = [...known.members(kinOf(to))].map((ref) => ref.slice(ref.lastIndexOf('/') + 1)).sort();
  const hint = didYouMean(name, names);
  const within = rest.length > 0 ? ` of ${quoted(rest.join('/'))}` : '';
  return {
    code: 'MissingReference',
    pointer,
    message: `there is no ${kind} ${quoted(name)}${within}`,
    hint: hint ?? `Add ${withArticle(kind)}${within} with this name, or correct the field.`,
  };
}
