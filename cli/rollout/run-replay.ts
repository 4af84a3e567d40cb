import { messageOf } from '../../core/errors.ts';
import type { JournalEntry } from '../../core/plugin.ts';
import { boundInWords } from '../../plugins/rollout/analysis/budget.ts';
import { type Replay, replayVerdict, type VerdictEvidence } from '../../plugins/rollout/analysis/evidence.ts';
import { type Api, connect } from '../client/api.ts';
import { readJournal } from '../client/journal.ts';
import type { ReplayOptions } from '../commands/replay.ts';
import { verdictNotFound, verdictUnreadable } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { structured } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';

/** Reaches a verdict again from the evidence in the journal, and says whether it is the same. */
export async function runReplay(name: string, options: ReplayOptions, terminal: Terminal): Promise<number> {
  const api = await connect(options, terminal);
  const { entry, evidence } = await evidenceNamed(api, name);
  const replayed = replay(evidence);
  const { verdict: was, environment, deployment, model, analysis } = evidence;
  if (options.output !== undefined) {
    const { isSame, verdict, differences } = replayed;
    terminal.out(
      structured(
        {
          id: evidence.id,
          entry: entry.sequence,
          isSame,
          was,
          is: verdict,
          differences,
          budget: analysis.budget ?? null,
        },
        options.output,
      ),
    );
  } else {
    const about = `${environment}/${deployment}: ${model} ${analysis.candidate}`;
    terminal.out(`${oneLine(`verdict ${evidence.id}, entry ${entry.sequence}, of ${about}`)}\n`);
    terminal.out(`${oneLine(`${was.outcome}: ${was.message}`)}\n`);
    if (analysis.budget !== undefined) terminal.out(`${oneLine(boundInWords(analysis.budget))}\n`);
    if (replayed.isSame) terminal.out('The same again, bit for bit.\n');
    else {
      terminal.out('Not the same again:\n');
      for (const difference of replayed.differences) terminal.out(`- ${oneLine(difference)}\n`);
    }
  }
  return replayed.isSame ? exitCodes.success : exitCodes.problems;
}

/** Whatever is wrong with evidence, it does not reach its verdict. */
function replay(evidence: VerdictEvidence): Replay {
  try {
    return replayVerdict(evidence);
  } catch (error) {
    const differences = [`the evidence cannot be judged: ${messageOf(error)}`];
    return { verdict: evidence.verdict, isSame: false, differences };
  }
}

interface Found {
  readonly entry: JournalEntry;
  readonly evidence: VerdictEvidence;
}

async function evidenceNamed(api: Api, name: string): Promise<Found> {
  const isNumber = /^[1-9]\d{0,14}$/.test(name);
  if (!isNumber && !/^[0-9a-f]{16}$/.test(name)) throw verdictNotFound(name);
  if (isNumber) {
    const sequence = Number(name);
    const range = { after: sequence - 1, before: sequence + 1, limit: 1 };
    const [entry] = await readJournal(api, range);
    if (entry === undefined) throw verdictNotFound(name);
    const evidence = evidenceIn(entry);
    if (evidence === undefined) throw verdictNotFound(name, entry.type);
    return { entry, evidence };
  }
  for (const type of ['analysis.ended', 'rollout.rolledBack']) {
    for await (const entry of entriesOf(api, type)) {
      const evidence = evidenceIn(entry);
      if (evidence?.id === name) return { entry, evidence };
    }
  }
  throw verdictNotFound(name);
}

const entriesAtOnce = 200;

/** Newest first. */
async function* entriesOf(api: Api, type: string): AsyncGenerator<JournalEntry> {
  let before: number | undefined;
  for (;;) {
    const entries = await readJournal(api, {
      type,
      limit: entriesAtOnce,
      ...(before === undefined ? {} : { before }),
    });
    yield* entries;
    before = entries.at(-1)?.sequence;
    if (entries.length < entriesAtOnce || before === undefined) return;
  }
}

function evidenceIn({ sequence, data }: JournalEntry): VerdictEvidence | undefined {
  const evidence = data.evidence as Partial<VerdictEvidence> | undefined;
  if (evidence === undefined) return undefined;
  const isEvidence =
    evidence.format === 1 &&
    typeof evidence.verdict?.outcome === 'string' &&
    Array.isArray(evidence.analysis?.run?.metrics) &&
    Array.isArray(evidence.analysis.definitions);
  if (!isEvidence) throw verdictUnreadable(sequence);
  return evidence as VerdictEvidence;
}
