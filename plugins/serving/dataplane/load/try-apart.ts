/** Tries a version in a process of its own: what it does to that process harms nobody, and its memory is its own. */
import { SwitchyardError } from '../../../../core/plugin.ts';
import { packageFile } from '../../../../libraries/package-files/index.ts';
import { loadTimedOut, trialCrashed, trialTalkedNonsense } from '../errors/load-errors.ts';
import { readLines } from '../interface/lines.ts';
import type { PinnedVersion } from '../interface/routing-table.ts';
import { startTrial } from '../interface/start-trial.ts';
import { messageOfTrial, type TrialAnswers, type TrialCall } from '../interface/trial-messages.ts';
import type { Tried } from './on-demand.ts';

export async function tryApart(
  pinned: PinnedVersion,
  timeoutMs: number,
  program = packageFile('dist/plugins/serving/dataplane/trial-main.js'),
): Promise<Tried> {
  const { child, channel } = startTrial(program);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (status, signal) => resolve(signal ?? `status ${status}`));
  });
  const answered = new Promise<TrialAnswers['load']>((resolve, reject) => {
    channel.on('error', () => channel.destroy());
    readLines(channel, (line) => {
      const message = messageOfTrial(line);
      if (message === undefined) reject(trialTalkedNonsense());
      else if (message.type === 'failed') reject(new SwitchyardError(message.reason, message.message));
      else if (message.type === 'answer') resolve(message.value as TrialAnswers['load']);
    });
    void ended.then((how) => reject(trialCrashed(how)));
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(loadTimedOut(timeoutMs)), timeoutMs);
  });
  try {
    const { path, digest, signature, examples, session } = pinned;
    const call: TrialCall = {
      call: 'load',
      version: { path, digest, signature, examples, session },
      checksExamples: true,
    };
    channel.write(`${JSON.stringify(call)}\n`);
    return triedOf(await Promise.race([answered, late]));
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    await ended;
  }
}

function triedOf({ signature, batchable, runMs, memoryBytes }: TrialAnswers['load']): Tried {
  const { inputs, outputs } = signature as Pick<Tried, 'inputs' | 'outputs'>;
  return { inputs, outputs, batchable, runMs, memoryBytes };
}
