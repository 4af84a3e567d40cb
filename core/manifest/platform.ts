import { type Platform, platformSchema } from '../../schemas/generated/platform.ts';
import { defineKind, type Ref, type Resource } from '../plugin.ts';
import { knownIn } from './references.ts';

export type PlatformSpec = Platform['spec'];

/** The kernel's own kind: which plugins run, with which options, and how the registry is followed. */
export const platformKind = defineKind<PlatformSpec>({
  kind: 'Platform',
  plural: 'platforms',
  description: 'Which plugins run, with which options, and how the registry is followed.',
  schema: platformSchema,
  path: 'platform.yaml',
  validationVersion: '1',
  references: () => [{ to: 'Platform/*', pointer: '/kind', optional: true, wakes: false }],
  validate(resource, related) {
    const others = related.matching('Platform/*').filter((other) => other.ref !== resource.ref);
    const [other] = others;
    if (other === undefined) return [];
    return [
      {
        code: 'SecondPlatform',
        pointer: '/kind',
        message: `a registry has one Platform, and ${other.origin.path} is another`,
        hint: 'Keep platform.yaml and remove the other.',
      },
    ];
  },
});

const defaultRemovalPercent = 30;

/** The share of resources, in percent, that one commit may remove without being held. */
export function removalLimitOf(resources: ReadonlyMap<Ref, Resource>): number {
  const known = knownIn(resources);
  for (const ref of known.members(`${platformKind.kind}/*`)) {
    const spec = known.get(ref)?.spec as PlatformSpec | undefined;
    if (spec?.sync?.maxRemovalPercent !== undefined) return spec.sync.maxRemovalPercent;
  }
  return defaultRemovalPercent;
}
