import type { DesiredServing } from '../../../core/capabilities/serving-runtime.ts';
import type { PinnedVersion, ServedDeployment } from '../dataplane/interface/routing-table.ts';
import { contentOf } from '../table/next-entry.ts';

/** A deployment: what its owner asked for, and what is published of it. */
export class PublishedDeployment {
  /** What its owner asked for; undefined while only the table of an earlier control process speaks for it. */
  desired: DesiredServing | undefined;
  /** What is published. */
  entry: ServedDeployment | undefined;
  /** Whether `entry` is what the owner asked for. */
  isDesired = false;
  /** The status that the owner knows. */
  told = '';
  /** The revision with which each content that is published now was first published. */
  readonly #since = new Map<string, number>();

  constructor(entry: ServedDeployment | undefined, revision: number) {
    if (entry !== undefined) this.publish(entry, revision);
  }

  publish(entry: ServedDeployment, revision: number): void {
    this.entry = entry;
    const names = new Set(entry.versions.map(nameOf));
    for (const name of this.#since.keys()) if (!names.has(name)) this.#since.delete(name);
    for (const name of names) if (!this.#since.has(name)) this.#since.set(name, revision);
  }

  /** Whether it is what answers as stable now. */
  isStable(pinned: PinnedVersion): boolean {
    const { variants = [], versions = [] } = this.entry ?? {};
    return (
      variants.some(({ version, role }) => version === pinned.version && role === 'stable') &&
      versions.some((one) => one.version === pinned.version && contentOf(one) === contentOf(pinned))
    );
  }

  publishedSince(pinned: PinnedVersion): number | undefined {
    return this.#since.get(nameOf(pinned));
  }
}

function nameOf(pinned: PinnedVersion): string {
  return `${pinned.version} ${pinned.path} ${contentOf(pinned)}`;
}
