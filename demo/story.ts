import picocolors from 'picocolors';
import { stepText } from '../cli/output/plan.ts';
import { verdictLines } from '../cli/output/proposals.ts';
import { table, visibleLength } from '../cli/output/table.ts';
import type { Plan } from '../core/control/plan.ts';
import type { Judgement } from '../plugins/proposals/proposals.ts';
import type { Answer } from './answers.ts';
import type { Edit } from './registry.ts';
import type { Strike } from './strikes.ts';
import type { TrafficReport } from './traffic.ts';

const colours = picocolors.createColors(
  process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
);
const { bold, dim, green, red, yellow, cyan } = colours;
const width = Math.min(process.stdout.isTTY ? process.stdout.columns : 110, 110);
const write = (text: string) => void process.stdout.write(text);
const indented = (text: string) => text.trimEnd().replaceAll(/^(?=.)/gm, '  ');

/** Tells what happens, for a person at a terminal. */
export const story = {
  chapter(title: string): void {
    write(
      `\n${cyan('━━')} ${bold(title)} ${dim('━'.repeat(Math.max(0, width - visibleLength(title) - 4)))}\n\n`,
    );
  },

  say(text: string): void {
    write(text === '' ? '\n' : `  ${text}\n`);
  },

  /** Something that came out as it should, or not. */
  check(isGood: boolean, text: string): void {
    write(`  ${isGood ? green('✔') : red('✘')} ${text}\n`);
  },

  note(text: string): void {
    write(`  ${dim(text)}\n`);
  },

  code(lines: readonly string[]): void {
    write(`\n${lines.map((line) => `    ${cyan(line)}\n`).join('')}\n`);
  },

  /** A command that somebody types. */
  command(who: string, words: readonly string[]): void {
    const typed = words.map((word) => (/^[\w./-]+$/.test(word) ? word : `'${word}'`)).join(' ');
    write(`  ${dim(`${who.split(' ')[0]?.toLowerCase()}$`)} ${cyan(`switchyard ${typed}`)}\n`);
  },

  /** A judgement in the platform's words: what is missing, what is met beside the checks, and what each check says. */
  judgement({ verdict, checks }: Judgement): void {
    const requirements = verdict.requirements.filter(({ met, gate, code }) => {
      return !met || (gate === 'policies' && code !== 'CheckPassed');
    });
    write(`${indented(verdictLines({ ...verdict, requirements }, { colours }).join('\n'))}\n\n`);
    const marks: Readonly<Record<string, string>> = { pass: green('✔'), fail: red('✘') };
    const rows = checks.map(({ name, outcome, summary }) => [
      `${marks[outcome] ?? dim('–')} ${name}`,
      summary,
    ]);
    write(`${indented(table(['  CHECK', 'SAYS'], rows, { width: width - 2, header: dim }))}\n`);
  },

  printed(output: string): void {
    write(`${indented(output)}\n`);
  },

  edit({ path, before, after, commit }: Edit): void {
    write(`  ${dim(path)}\n`);
    write(`  ${red(`- ${before}`)}\n  ${green(`+ ${after}`)}\n`);
    write(`  ${dim(`committed as ${commit.slice(0, 10)}`)}\n`);
  },

  plan(plan: Pick<Plan, 'changes'>): void {
    for (const change of plan.changes) {
      const fields = change.fields.map(({ pointer, before, after }) => `${pointer} ${before} → ${after}`);
      write(`  ${yellow('~')} ${bold(change.ref)}  ${dim(fields.join(', '))}\n`);
      for (const [index, step] of change.steps.entries()) {
        write(`    ${dim(`${index + 1}.`)} ${stepText(step, bold)}\n`);
      }
    }
  },

  traffic(report: TrafficReport, before: string, after: string, wrong: number): void {
    const at = (share: number) => report.latencies[Math.floor(report.latencies.length * share)] ?? Number.NaN;
    const count = (version: string) => String(report.byVersion.get(version) ?? 0);
    write(
      `${indented(
        table(
          [],
          [
            ['requests sent', String(report.sent)],
            ['failed', report.failed === 0 ? green('0') : red(String(report.failed))],
            [`answered by ${before}`, count(before)],
            [`answered by ${after}`, count(after)],
            ['answers that were not their version’s', wrong === 0 ? green('0') : red(String(wrong))],
            ['latency', `p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms`],
          ],
          { width },
        ),
      )}\n`,
    );
    for (const failure of report.failures) write(`  ${red(failure)}\n`);
  },

  answers(strikes: readonly Strike[], before: readonly Answer[], after: readonly Answer[]): void {
    const [first, second] = [before[0]?.version ?? '', after[0]?.version ?? ''];
    const mark = (answer: Answer | undefined, strike: Strike) => {
      const percent = `${((answer?.probability ?? 0) * 100).toFixed(1)} %`.padStart(6);
      return answer?.damaged === strike.damaged ? `${percent} ${green('✔')}` : `${percent} ${red('✘')}`;
    };
    const rows = strikes.map((strike, row) => [
      String(strike.year),
      `${strike.wildlife_species}`.slice(0, 24),
      strike.wildlife_size,
      strike.phase_of_flight,
      strike.speed < 0 ? '–' : String(strike.speed),
      strike.damaged ? yellow('damaged') : 'none',
      mark(before[row], strike),
      mark(after[row], strike),
    ]);
    const titles = ['YEAR', 'SPECIES', 'SIZE', 'PHASE', 'KNOTS', 'REALLY', first, second];
    write(`${indented(table(titles, rows, { width: 200, header: dim }))}\n`);
  },

  /** How good each version's answers are, against what really happened. */
  quality(
    rows: readonly {
      readonly version: string;
      readonly auc: number;
      readonly right: number;
      readonly caught: number;
      readonly alarms: number;
    }[],
    strikes: readonly Strike[],
  ): void {
    const damaged = strikes.filter((strike) => strike.damaged).length;
    const shown = rows.map(({ version, auc, right, caught, alarms }) => [
      bold(version),
      auc.toFixed(3),
      `${right} of ${strikes.length}`,
      `${caught} of ${damaged}`,
      String(alarms),
    ]);
    const titles = ['VERSION', 'AUC', 'RIGHT', 'DAMAGE FORESEEN', 'FALSE ALARMS'];
    write(`${indented(table(titles, shown, { width, header: dim }))}\n`);
  },
};
