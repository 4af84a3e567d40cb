import { resourceNotFound } from '../../core/errors.ts';
import type { Issue } from '../../core/manifest/issue.ts';
import type { KindDefinition, Origin, Resource, Status } from '../../core/plugin.ts';
import { didYouMean, meantBy } from '../../libraries/did-you-mean/index.ts';
import { unknownKind } from '../../server/api/errors.ts';
import type { Api } from './api.ts';
import { ambiguousName } from './errors.ts';

/** A resource as the status API shows it. What only a valid document has is absent for one that was never valid. */
export interface ShownResource extends Pick<Resource, 'ref' | 'kind' | 'metadata'> {
  readonly apiVersion?: string;
  readonly spec?: unknown;
  readonly origin?: Origin;
  readonly digest?: string;
  readonly status: Pick<Status, 'conditions' | 'observedDigest' | 'suspended' | 'facts'> | null;
  readonly issues: readonly Issue[];
}

export type ShownKind = Pick<KindDefinition, 'kind' | 'plural' | 'shortNames' | 'description' | 'columns'> & {
  readonly scope?: string | null;
};

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | null;
}

export async function readKinds(api: Api): Promise<readonly ShownKind[]> {
  return (await api.get<Page<ShownKind>>('/kinds')).items;
}

export interface ResourceFilter {
  readonly kind?: string;
  readonly environment?: string;
}

/** All that match, however many pages that takes. */
export async function readResources(api: Api, filter: ResourceFilter): Promise<readonly ShownResource[]> {
  const found: ShownResource[] = [];
  let after: string | null | undefined;
  do {
    const query = new URLSearchParams({ limit: '500' });
    if (filter.kind) query.set('kind', filter.kind);
    if (filter.environment) query.set('environment', filter.environment);
    if (after) query.set('after', after);
    const page = await api.get<Page<ShownResource>>(`/resources?${query}`);
    found.push(...page.items);
    after = page.next;
  } while (after);
  return found;
}

/** The kind that a person means: its name, its plural or a short name, in any case. Throws `UnknownKind`. */
export function kindMeant<Kind extends Pick<ShownKind, 'kind' | 'plural' | 'shortNames'>>(
  word: string,
  kinds: readonly Kind[],
): Kind {
  const wanted = word.toLowerCase();
  for (const kind of kinds) {
    const names = [kind.kind, kind.plural, ...(kind.shortNames ?? [])];
    if (names.some((name) => name.toLowerCase() === wanted)) return kind;
  }
  const names = kinds.flatMap((kind) => [kind.plural, kind.kind.toLowerCase()]);
  const near = meantBy(wanted, names);
  throw unknownKind(word, near === undefined ? kinds.map((kind) => kind.plural) : [near]);
}

/** `Deployment/production/bird-strike`, or a kind and a name as two words. */
export interface Target {
  readonly kind: string;
  readonly name?: string;
  readonly scope?: string;
}

export function targetOf(kind: string, name: string | undefined): Target {
  const [first = '', ...rest] = kind.split('/');
  const parts = [...rest, ...(name === undefined ? [] : name.split('/'))];
  if (parts.length === 0) return { kind: first };
  return {
    kind: first,
    scope: parts.length > 1 ? parts.slice(0, -1).join('/') : undefined,
    name: parts.at(-1),
  };
}

/** The one resource that a person means. Throws `ResourceNotFound`, or `AmbiguousName` where a scope must be said. */
export async function resourceMeant(
  api: Api,
  kind: ShownKind,
  target: Target,
  environment?: string,
): Promise<ShownResource> {
  const scope = target.scope ?? (kind.scope === 'environment' ? environment : undefined);
  const all = await readResources(api, { kind: kind.kind });
  const found = all.filter(({ ref }) => {
    const [, ...parts] = ref.split('/');
    return parts.at(-1) === target.name && (scope === undefined || parts.slice(0, -1).join('/') === scope);
  });
  const [only, ...others] = found;
  const said = [kind.kind, scope, target.name].filter((part) => part !== undefined).join('/');
  if (only === undefined) throw resourceNotFound(said, nearestTo({ ...target, scope }, all));
  if (others.length > 0)
    throw ambiguousName(
      said,
      found.map(({ ref }) => ref),
    );
  return only;
}

/** The same name elsewhere is nearer than another name; a scope is told where one was said. */
function nearestTo({ scope, name = '' }: Target, all: readonly ShownResource[]): string | undefined {
  const known = all.map(({ ref }) => ref.slice(ref.indexOf('/') + 1)).sort();
  if (scope === undefined)
    return didYouMean(
      name,
      known.map((path) => path.slice(path.lastIndexOf('/') + 1)),
    );
  const elsewhere = known.filter((path) => path.endsWith(`/${name}`));
  return didYouMean(`${scope}/${name}`, elsewhere.length > 0 ? elsewhere : known);
}
