import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { parseCommit } from '../libraries/git/commit.ts';
import { assembleCommit, type ObjectReader } from '../libraries/git/new-commit.ts';
import type { NewObject } from '../libraries/git/object-id.ts';
import { packObjects } from '../libraries/git/pack.ts';
import type { CommitDraft, Repository } from '../libraries/git/repository.ts';
import { makeEvent, type NewEvent } from '../plugins/forge-git/new-event.ts';
import { claimReference, headReference, metaReference } from '../plugins/forge-git/references.ts';

const base = 'refs/heads/main';
const person = { name: 'Bench', email: 'bench@example.com' };

/** Makes a bare repository with proposals of so many events each, written by the forge's own code into one pack. */
export async function fillForge(
  folder: string,
  size: { readonly proposals: number; readonly events: number },
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', folder]);
  const store = new MemoryObjects();
  const tip = await store.makeCommit({
    message: 'begin',
    author: person,
    changes: new Map([['platform.yaml', 'x']]),
  });
  const references = [[base, tip]];
  for (let number = 1; number <= size.proposals; number++) {
    const key = `promote:Deployment/production/model-${number}`;
    const head = await store.makeCommit({
      message: `feat: promote model-${number}`,
      author: person,
      parents: [tip],
      changes: new Map([[`environments/production/model-${number}.yaml`, 'version: 1.1.0\n']]),
    });
    const events = eventsOf(number, key, tip, head, size.events);
    const root = await makeEvent(store.writer, [], events.next().value!);
    let meta = root;
    for (const event of events)
      meta = await makeEvent(store.writer, [meta], { ...event, says: { ...event.says, proposal: root } });
    references.push([headReference(number), head], [metaReference(number), meta]);
    // Each fourth is closed, and has given its key free.
    if (number % 4 !== 0) references.push([claimReference(base, key), root]);
  }
  const pack = await packObjects([...store.objects.values()], 'sha1');
  execFileSync('git', ['index-pack', '--stdin'], {
    cwd: folder,
    input: pack,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const commands = references.map(([name, id]) => `create ${name} ${id}\n`).join('');
  execFileSync('git', ['update-ref', '--stdin'], { cwd: folder, input: commands });
  execFileSync('git', ['pack-refs', '--all'], { cwd: folder });
}

function* eventsOf(
  number: number,
  key: string,
  baseCommit: string,
  head: string,
  count: number,
): Generator<NewEvent> {
  const time = 1_750_000_000 + number * 1000;
  const about = { base, baseCommit, head };
  const body = `It is better.\n\n${'| metric | before | after |\n'.repeat(40)}`;
  yield {
    subject: `Open: Promote model-${number}`,
    text: body,
    says: { type: 'opened', ...about, key, labels: ['promotion'] },
    file: { event: 'opened', title: `Promote model-${number}`, body, draft: '', nonce: String(number) },
    by: person,
    time,
  };
  for (let event = 1; event < count; event++) {
    const by = { name: `Reviewer ${event % 7}`, email: `reviewer-${event % 7}@example.com` };
    const at = { by, time: time + event };
    if (event === count - 1 && number % 4 === 0)
      yield {
        ...at,
        subject: 'Close',
        says: { type: 'closed', ...about },
        file: { event: 'closed', reason: 'no' },
      };
    else if (event % 10 === 0)
      yield {
        ...at,
        subject: `Approve ${head.slice(0, 12)}`,
        says: { type: 'reviewed', verdict: 'approve', ...about },
        file: { event: 'reviewed', body: '' },
      };
    else if (event % 3 === 0)
      yield {
        ...at,
        subject: 'Comment: plan',
        text: body,
        says: { type: 'commented', slot: 'plan' },
        file: { event: 'commented', slot: 'plan', body },
      };
    else
      yield {
        ...at,
        subject: `Check: check-${event % 12} pass`,
        says: { type: 'checked', head, checks: [`check-${event % 12}`] },
        file: { event: 'checked', head, checks: [report(`check-${event % 12}`)] },
      };
  }
}

function report(name: string) {
  return {
    name,
    outcome: 'pass',
    summary: 'as it should be',
    at: '2026-01-02T03:04:05Z',
    durationMs: 12,
  } as const;
}

/** Objects that are written together later. */
class MemoryObjects implements ObjectReader {
  readonly format = 'sha1';
  readonly objects = new Map<string, NewObject>();

  /** What writes events asks no more of a repository than this. */
  get writer(): Repository {
    return this as unknown as Repository;
  }

  async makeCommit(draft: CommitDraft): Promise<string> {
    const { id, objects } = await assembleCommit(draft, this);
    for (const object of objects) this.objects.set(object.id, object);
    return id;
  }

  async commit(id: string) {
    return parseCommit(id, Buffer.from(this.objects.get(id)!.bytes));
  }

  async rawTree(id: string): Promise<Buffer> {
    return Buffer.from(this.objects.get(id)!.bytes);
  }
}
