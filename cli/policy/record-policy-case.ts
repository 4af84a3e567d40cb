import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mergeConflict, proposalClosed, proposalMerged } from '../../core/capabilities/forge-errors.ts';
import type { Examined } from '../../core/capabilities/registry.ts';
import { readCaseFile, writeCase } from '../../plugins/policies/cases/case-file.ts';
import { recordCase } from '../../plugins/policies/cases/record-case.ts';
import { runCase } from '../../plugins/policies/cases/run-case.ts';
import { policyGate } from '../../plugins/policies/gate.ts';
import { examineProposal } from '../../plugins/proposals/judging/subject.ts';
import { caseNotRecorded, fileNotWritable } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../output/progress.ts';
import { type Proposing, withProposals } from '../proposing/open-proposals.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { writeOver } from '../whole-file.ts';
import { brokenPlaces, type PolicyTestOptions } from './run-policy-test.ts';

const file = 'policy-tests/recorded.yaml';
const beginning =
  '# Proposals as they were, and what the policies said of them: `switchyard policy test --record`.\ncases:\n';

/** Writes an open proposal down as a case: what the policies see of it, and what they say of it now. */
export function recordPolicyCase(
  named: string,
  number: number,
  options: PolicyTestOptions,
  terminal: Terminal,
): Promise<number> {
  const { config } = options;
  return withProposals(
    { repo: named, ...(config === undefined ? {} : { config }) },
    terminal,
    async (proposing) => {
      const work = recordOf(number, proposing);
      const recorded = await withProgress(terminal, `recording proposal ${number}`, work);
      const path = join(proposing.root, file);
      const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return beginning;
      });
      const text = `${before.trimEnd()}\n${writeCase(recorded)}`;
      // What stands there may end in something else than a list: nothing is written that could not be read.
      readCaseFile(file, text);
      await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
        throw fileNotWritable(path, error);
      });
      await writeOver(path, text);
      const { allowed, unmet = [] } = recorded.expect;
      const said = allowed ? 'they let it pass' : `they refuse it (${unmet.join(', ')})`;
      terminal.out(`Recorded "${oneLine(recorded.name)}" in ${file}: ${said}.\n`);
      return exitCodes.success;
    },
  );
}

async function recordOf(number: number, { proposals, registry, forgeName }: Proposing) {
  const { proposal, reviews, judgement } = await proposals.show(number, { run: 'none' });
  if (proposal.state === 'merged') throw proposalMerged(number, proposal.mergedAs ?? proposal.head);
  if (judgement === null) throw proposalClosed(number);
  const examination = await examineProposal(registry, proposal, judgement.base);
  if ('conflicts' in examination) throw mergeConflict(number, examination.conflicts);
  const { subject } = examination;
  const now = Math.floor(Date.now() / 1000) * 1000;
  const question = { subject, checks: judgement.checks, reviews, forge: forgeName, now };
  const verdict = await policyGate({ registry, brokeGlass: async () => {} }).judge(question);
  const recorded = await recordCase(question, verdict, registry);
  const { problems } = await runCase(recorded, registryOf(subject.base));
  if (problems.length > 0) throw caseNotRecorded(number, problems);
  return recorded;
}

function registryOf({ resources, issues }: Examined) {
  return { resources: [...resources.values()], broken: brokenPlaces(issues) };
}
