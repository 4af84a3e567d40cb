import { createHash } from 'node:crypto';
import type { Draft } from '../../core/capabilities/forge.ts';
import { forgeRefused } from '../../core/capabilities/forge-errors.ts';
import { answered, type GitHub, Refusal, refusable } from './client.ts';

/**
 * Makes the draft's commit through the Git database of the API: no clone, no push credentials. Nothing names it yet.
 * A draft that is to be signed is: the signature is over the bytes that GitHub makes of the same fields, and the id shows
 * that it made the same.
 */
export async function makeCommit(github: GitHub, draft: Draft, now: number): Promise<string> {
  const { octokit } = await github.connect();
  const tree = await makeTree(github, draft);
  const { message, on, sign } = draft;
  const seconds = Math.floor(now / 1000);
  const person = {
    name: clean(draft.author.name),
    email: clean(draft.author.email),
    date: new Date(seconds * 1000).toISOString().replace('.000', ''),
  };
  const signed = sign && (await signature({ tree, on, message, person, seconds }, sign));
  const made = await answered(
    octokit.request('POST /repos/{owner}/{repo}/git/commits', {
      ...github.repository,
      message,
      tree,
      parents: [on],
      author: person,
      committer: person,
      ...(signed === undefined ? {} : { signature: signed.signature }),
    }),
  );
  if (signed !== undefined && made.data.sha !== signed.id) {
    throw forgeRefused(
      github.where,
      'it made another commit than the one that was signed',
      'Propose without a signature, or sign with a key that GitHub takes.',
    );
  }
  return made.data.sha;
}

/** Whether that commit is what the draft makes, and when it was made (milliseconds since 1970). */
export async function compareCommit(
  github: GitHub,
  commit: string,
  draft: Draft,
): Promise<{ readonly isDraft: boolean; readonly madeAt: number }> {
  const { parents, message, tree, committer } = await readCommit(github, commit);
  const madeAt = Date.parse(committer.date);
  const saysSame =
    parents.length === 1 && parents[0]?.sha === draft.on && message.trim() === draft.message.trim();
  return { isDraft: saysSame && tree.sha === (await makeTree(github, draft)), madeAt };
}

export async function readCommit(github: GitHub, commit: string) {
  const { octokit } = await github.connect();
  const answer = await refusable(
    octokit.request('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
      ...github.repository,
      commit_sha: commit,
    }),
    404,
    409,
    422,
  );
  if (!(answer instanceof Refusal)) return answer.data;
  throw forgeRefused(
    github.where,
    `it has no commit ${commit}`,
    'Push the branch that the change is made on.',
  );
}

/** The tree of the draft: the same draft has the same tree. */
async function makeTree(github: GitHub, { on, changes }: Draft): Promise<string> {
  const { octokit } = await github.connect();
  const base = (await readCommit(github, on)).tree.sha;
  const entries: {
    path: string;
    mode: '100644';
    type: 'blob';
    content?: string;
    sha?: string | null;
  }[] = [];
  for (const [path, content] of changes) {
    const file = { path, mode: '100644', type: 'blob' } as const;
    if (typeof content === 'string') entries.push({ ...file, content });
    else if (content !== null) entries.push({ ...file, sha: await makeBlob(github, content) });
    else if (await isThere(github, path, on)) entries.push({ ...file, sha: null });
  }
  if (entries.length === 0) return base;
  const made = await answered(
    octokit.request('POST /repos/{owner}/{repo}/git/trees', {
      ...github.repository,
      base_tree: base,
      tree: entries,
    }),
  );
  return made.data.sha;
}

async function makeBlob(github: GitHub, content: Uint8Array): Promise<string> {
  const { octokit } = await github.connect();
  const made = await answered(
    octokit.request('POST /repos/{owner}/{repo}/git/blobs', {
      ...github.repository,
      content: Buffer.from(content).toString('base64'),
      encoding: 'base64',
    }),
  );
  return made.data.sha;
}

/** GitHub refuses to delete what is not there. */
async function isThere(github: GitHub, path: string, on: string): Promise<boolean> {
  const { octokit } = await github.connect();
  const answer = await refusable(
    octokit.request('GET /repos/{owner}/{repo}/contents/{path}', { ...github.repository, path, ref: on }),
    404,
  );
  return !(answer instanceof Refusal);
}

interface Unsigned {
  readonly tree: string;
  readonly on: string;
  readonly message: string;
  readonly person: { readonly name: string; readonly email: string };
  readonly seconds: number;
}

/** The signature over a commit object, and the id of the object with that signature in it. */
async function signature(
  { tree, on, message, person, seconds }: Unsigned,
  sign: NonNullable<Draft['sign']>,
): Promise<{ readonly signature: string; readonly id: string }> {
  const who = `${person.name} <${person.email}> ${seconds} +0000`;
  const head = `tree ${tree}\nparent ${on}\nauthor ${who}\ncommitter ${who}\n`;
  const armored = (await sign(Buffer.from(`${head}\n${message}`))).replaceAll('\r\n', '\n').trimEnd();
  const object = Buffer.from(`${head}gpgsig ${armored.replaceAll('\n', '\n ')}\n\n${message}`);
  const id = createHash('sha1').update(`commit ${object.byteLength}\0`).update(object).digest('hex');
  return { signature: armored, id };
}

/** As Git keeps names: nothing in them ends the line or the field. */
function clean(text: string): string {
  return text.replaceAll(/[<>\n\r\0]/g, '').trim();
}
