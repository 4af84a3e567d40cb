import type { Actor, Proposal } from '../../core/capabilities/forge.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import { folded, foldedAccount, type People, type Person } from './people.ts';

type Objects = Pick<Registry['repository'], 'commit'>;

/**
 * Who made a change: who opened the proposal, who put commits on its branch, and who wrote or committed any of them. None
 * of it needs to be proven, for it only ever keeps somebody from approving.
 */
export class Authors {
  readonly actors: readonly Actor[];
  readonly #forge: string;
  readonly #people: ReadonlySet<Person>;

  constructor(actors: readonly Actor[], people: People, forge: string) {
    this.actors = actors;
    this.#forge = forge;
    this.#people = new Set(actors.flatMap((actor) => people.seeming(actor, forge)));
  }

  /** Whether that person, or somebody who goes by the same address, account or name, is among the authors. */
  includes(person: Person, as: Actor): boolean {
    if (this.#people.has(person)) return true;
    return this.actors.some(
      (author) =>
        isSame(author.email, as.email, folded) ||
        isSame(author.account, as.account, (account) => foldedAccount(this.#forge, account)),
    );
  }
}

/** More commits than these in one proposal are not looked through: nobody is known not to be their author. */
const maxCommits = 1000;

/**
 * The authors and committers of what a head has beyond its base, and of trailers `Co-authored-by`. The head's objects
 * must be in the repository. Throws where they cannot be read, and a plain Error beyond 1000 commits.
 */
async function authorsOfCommits(
  head: string,
  base: string,
  repository: Objects & Pick<Registry['repository'], 'isAncestor'>,
): Promise<readonly Actor[]> {
  const actors = new Map<string, Actor>();
  const seen = new Set<string>([base]);
  const waiting = [head];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id) || (await repository.isAncestor(id, base))) continue;
    seen.add(id);
    if (seen.size > maxCommits) throw new Error(`the proposal has more than ${maxCommits} commits`);
    const commit = await repository.commit(id);
    const { author, committer, message, parents } = commit;
    for (const { name, email } of [author, committer, ...coAuthors(message)]) {
      actors.set(`${name} <${email}>`, { name, email });
    }
    waiting.push(...parents);
  }
  return [...actors.values()];
}

/** The proposal's author and who pushed to it, beside those of its commits. Throws as `authorsOfCommits` does. */
export async function authorsOf(
  proposal: Pick<Proposal, 'author' | 'pushes' | 'head'>,
  base: string,
  repository: Objects & Pick<Registry['repository'], 'isAncestor'>,
): Promise<readonly Actor[]> {
  const pushers = proposal.pushes.map(({ by }) => by);
  return [proposal.author, ...pushers, ...(await authorsOfCommits(proposal.head, base, repository))];
}

function coAuthors(message: string): readonly { readonly name: string; readonly email: string }[] {
  const found: { name: string; email: string }[] = [];
  for (const line of message.split('\n')) {
    const match = /^co-authored-by:\s*([^<]*)<([^>]+)>\s*$/i.exec(line);
    if (match) found.push({ name: match[1]?.trim() ?? '', email: match[2] ?? '' });
  }
  return found;
}

function isSame(a: string | undefined, b: string | undefined, form: (text: string) => string): boolean {
  return a !== undefined && b !== undefined && form(a) === form(b);
}
