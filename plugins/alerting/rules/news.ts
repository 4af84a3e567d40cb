/** What the journal says that rules ask for. */
import type { Registry } from '../../../core/capabilities/registry.ts';
import type { JournalEntry } from '../../../core/plugin.ts';
import type { Rule } from './rule.ts';

export interface News {
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** The journal was looked at up to this entry. */
  readonly cursor: number;
}

/** After a start without memory, what must be told is looked for so far back. */
const lookBackMs = 24 * 3_600_000;

/** Entries that rules ask for and that were not looked at yet. `lookedAt` is the cursor of the last look, if there was one. */
export async function readNews(
  registry: Pick<Registry, 'journal'>,
  lookedAt: number | undefined,
  rules: () => Iterable<Rule>,
  now: () => number,
): Promise<News> {
  const [newest] = await registry.journal({ limit: 1 });
  const cursor = newest?.sequence ?? 0;
  const after = lookedAt ?? 0;
  const since = lookedAt === undefined ? now() - lookBackMs : 0;
  const found: JournalEntry[] = [];
  for (const type of watchedTypes(rules())) {
    let before: number | undefined;
    for (;;) {
      const page = await registry.journal({
        type,
        after,
        limit: 1000,
        ...(before === undefined ? {} : { before }),
      });
      found.push(...page.filter(({ time }) => Date.parse(time) >= since));
      before = page.at(-1)?.sequence;
      if (page.length < 1000) break;
    }
  }
  found.sort((a, b) => a.sequence - b.sequence);
  return { entries: found.filter(({ sequence }) => sequence <= cursor), cursor };
}

export function watchedTypes(rules: Iterable<Rule>): ReadonlySet<string> {
  const types = new Set<string>();
  for (const { scope } of rules) {
    if (scope.type === 'journal') for (const type of scope.types) types.add(type);
  }
  return types;
}
