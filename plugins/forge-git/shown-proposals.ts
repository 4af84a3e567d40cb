import type { Proposal } from '../../core/capabilities/forge.ts';
import type { Found } from './proposal-index.ts';
import { type Readers, type Standing, show } from './show.ts';

/** Proposals as they were shown last: a list is asked for often, and few of them change in between. */
export class ShownProposals {
  readonly #shown = new Map<number, { readonly of: string; readonly proposal: Proposal }>();

  async all(
    chosen: readonly (readonly [Found, Standing])[],
    readers: Readers,
    numbers: ReadonlyMap<string, number>,
  ): Promise<Proposal[]> {
    const named = chosen.map(([found, standing]) => {
      const of = nameOf(found, standing, readers, numbers);
      const shown = this.#shown.get(found.number);
      return { found, standing, of, known: shown?.of === of ? shown.proposal : undefined };
    });
    const changed = named.filter(({ known }) => known === undefined);
    // All that is missing is read together.
    await readers.files.read(changed.map(({ found }) => found.folded.text.tree));
    return Promise.all(
      named.map(async ({ found, standing, of, known }) => {
        if (known !== undefined) return known;
        const proposal = await show(found, standing, readers, numbers);
        this.#shown.set(found.number, { of, proposal });
        return proposal;
      }),
    );
  }
}

/** All that what is shown depends on: a proof is none while the base that it names is not here yet. */
function nameOf(
  { meta, branch, folded }: Found,
  { state, mergedAs }: Standing,
  { history }: Readers,
  numbers: ReadonlyMap<string, number>,
): string {
  const newer = numbers.get(folded.closed?.newer?.root ?? '');
  let proven = 0;
  for (const { on } of folded.pushes) if (history.has(on)) proven += 1;
  for (const { on } of folded.labels) if (history.has(on)) proven += 1;
  return `${meta} ${branch} ${state} ${mergedAs} ${newer} ${proven}`;
}
