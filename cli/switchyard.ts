import { Command, CommanderError } from 'commander';
import { meantBy } from '../libraries/did-you-mean/index.ts';
import { packageFile } from '../libraries/package-files/index.ts';
import { addAcknowledge } from './commands/acknowledge.ts';
import { addAlerts } from './commands/alerts.ts';
import { addAsk } from './commands/ask.ts';
import { addCheck } from './commands/check.ts';
import { addComplete } from './commands/complete.ts';
import { addCompletion } from './commands/completion.ts';
import { addConformance } from './commands/conformance.ts';
import { addData } from './commands/data.ts';
import { addDescribe } from './commands/describe.ts';
import { addDrift } from './commands/drift.ts';
import { addEvents } from './commands/events.ts';
import { addExperiment } from './commands/experiment.ts';
import { addGenerate } from './commands/generate.ts';
import { addGet } from './commands/get.ts';
import { addImport } from './commands/import.ts';
import { addInit } from './commands/init.ts';
import { addJobs } from './commands/jobs.ts';
import { addJournal } from './commands/journal.ts';
import { addFeedback, addLog } from './commands/log.ts';
import { addMergeLines } from './commands/merge-lines.ts';
import { addMonitors } from './commands/monitors.ts';
import { addPerformance } from './commands/performance.ts';
import { addPlan } from './commands/plan.ts';
import { addPolicy } from './commands/policy.ts';
import { addPredict } from './commands/predict.ts';
import { addProfile } from './commands/profile.ts';
import { addProposals } from './commands/proposals.ts';
import { addReconcile } from './commands/reconcile.ts';
import { addReplay } from './commands/replay.ts';
import { addRollout } from './commands/rollout.ts';
import { addSchema } from './commands/schema.ts';
import { addSecrets } from './commands/secrets.ts';
import { addSign } from './commands/sign.ts';
import { addSlo } from './commands/slo.ts';
import { addStatus } from './commands/status.ts';
import { addTimeTravel } from './commands/time-travel.ts';
import { addUp } from './commands/up.ts';
import { addVersion } from './commands/version.ts';
import type { Context } from './context.ts';
import { usageError } from './errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { reportError } from './output/error-report.ts';
import { fittingHelp } from './output/fitting-help.ts';
import { packageVersion } from './package-version.ts';
import type { Terminal } from './terminal.ts';

/** Runs one command line (without `node` and the script) and answers the status to exit with. Never throws. */
export async function switchyard(words: readonly string[], terminal: Terminal): Promise<number> {
  const outcome = { status: exitCodes.success as number };
  const program = createProgram(terminal, outcome);
  try {
    // No option of commander's: `predict` has a `--version` of its own.
    if (words[0] === '--version' || words[0] === '-V') {
      terminal.out(`${await packageVersion()}\n`);
      return exitCodes.success;
    }
    requireKnownVerb(words, program);
    await program.parseAsync([...helpOfSecondWord(words, program)], { from: 'user' });
    return outcome.status;
  } catch (error) {
    // Without a verb, the help is the answer.
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')) {
      return exitCodes.success;
    }
    if (terminal.signal.aborted) return exitCodes.interrupted;
    const shown = error instanceof CommanderError ? asUsageError(error, verbIn(words, program)) : error;
    const verbose =
      program.opts<{ verbose?: boolean }>().verbose === true || Boolean(terminal.environment.DEBUG);
    reportError(shown, terminal, verbose);
    return exitCodeOf(shown);
  }
}

/** The whole command line as commander knows it: help, completion and the docs test read it. */
export function createProgram(terminal: Terminal, outcome: { status: number } = { status: 0 }): Command {
  const program = new Command('switchyard')
    .description('Runs machine-learning models from a Git repository.')
    .option('--verbose', 'show the stack of an error')
    .option('--no-color', 'no colours, even on a terminal')
    .showSuggestionAfterError(true)
    // Beside the longest verb a window of 80 columns leaves fewer than commander wraps by itself.
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false, minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => terminal.out(fittingHelp(text, terminal.width)),
      writeErr: (text) => terminal.out(fittingHelp(text, terminal.width)),
      outputError: () => {},
      getOutHelpWidth: () => Math.min(terminal.width, 110),
      getErrHelpWidth: () => Math.min(terminal.width, 110),
      getOutHasColors: () => terminal.colours.isColorSupported,
      getErrHasColors: () => terminal.errColours.isColorSupported,
    })
    .exitOverride();

  const context: Context = {
    terminal,
    act:
      (action) =>
      async (...given: unknown[]) => {
        outcome.status = await action(...(given as unknown as never));
      },
  };
  program.commandsGroup('Begin:');
  addInit(program, context);
  addImport(program, context);
  addUp(program, context);
  program.commandsGroup('Before a merge:');
  addCheck(program, context);
  addPlan(program, context);
  addPolicy(program, context);
  addSchema(program, context);
  addSecrets(program, context);
  addSign(program, context);
  program.commandsGroup('Propose:');
  addAsk(program, context);
  addMergeLines(program, context);
  program.commandsGroup('Review:');
  addProposals(program, context);
  program.commandsGroup('Look at a platform:');
  addStatus(program, context);
  addGet(program, context);
  addDescribe(program, context);
  addEvents(program, context);
  addJournal(program, context);
  addSlo(program, context);
  program.commandsGroup('When something is wrong:');
  addAlerts(program, context);
  addGenerate(program, context);
  addMonitors(program, context);
  program.commandsGroup('Look back:');
  addTimeTravel(program, context);
  addReplay(program, context);
  program.commandsGroup('Use it:');
  addPredict(program, context);
  addJobs(program, context);
  addConformance(program, context);
  addFeedback(program, context);
  addLog(program, context);
  addExperiment(program, context);
  addProfile(program, context);
  addData(program, context);
  addDrift(program, context);
  addPerformance(program, context);
  addRollout(program, context);
  addReconcile(program, context);
  addAcknowledge(program, context);
  program.commandsGroup('This command:');
  addCompletion(program, context);
  addComplete(program, context);
  addVersion(program, context);
  program.addHelpText(
    'after',
    `\nMore: \`switchyard help VERB\`, \`switchyard --version\`, docs/cli.md\nPages that are named like that lie in:\n  ${packageFile('.')}`,
  );
  return program;
}

/** `help VERB` of a verb that is not there would show the help of all. */
function requireKnownVerb([first, word]: readonly string[], program: Command): void {
  if (first !== 'help' || word === undefined || word.startsWith('-')) return;
  const names = verbs(program);
  if (word === 'help' || names.includes(word)) return;
  const meant = meantBy(word, names);
  throw usageError(`unknown command '${word}'`, meant ? `Did you mean ${meant}?` : 'See `switchyard help`.');
}

/** `help rollout abort` means `rollout abort --help`; commander would show the help of `rollout`. */
function helpOfSecondWord(words: readonly string[], program: Command): readonly string[] {
  const [first, ...rest] = words;
  const meant = verbIn(rest, program);
  return first === 'help' && meant?.includes(' ') ? [...meant.split(' '), '--help'] : words;
}

/** The verb that is meant, with its second word where it has one: `rollout abort`. */
function verbIn(words: readonly string[], program: Command): string | undefined {
  const [word, next] = words.filter((each) => !each.startsWith('-'));
  if (word === undefined || !verbs(program).includes(word)) return undefined;
  const verb = program.commands.find((command) => command.name() === word);
  const isSecond = next !== undefined && next !== 'help' && verb !== undefined && verbs(verb).includes(next);
  return isSecond ? `${word} ${next}` : word;
}

function verbs(program: Command): readonly string[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
}

function asUsageError(error: CommanderError, verb: string | undefined): Error {
  const [first = '', ...rest] = error.message
    .replace(/command-argument value '(.*)' is invalid for argument '(.*?)'/, "$2 cannot be '$1'")
    .split('\n');
  const suggestion = rest.join(' ').match(/\(Did you mean (.+)\?\)/)?.[1];
  const hint = suggestion
    ? `Did you mean ${suggestion}?`
    : `See \`switchyard help${verb ? ` ${verb}` : ''}\`.`;
  return usageError(first.replace(/^error: /, ''), hint);
}
