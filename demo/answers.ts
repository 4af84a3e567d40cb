import { randomUUID } from 'node:crypto';
import { type InferenceTarget, predict } from '../cli/client/inference.ts';
import { type Strike, tensorsOf } from './strikes.ts';

/** What one version says about one strike. */
export interface Answer {
  readonly probability: number;
  /** By the version's own threshold. */
  readonly damaged: boolean;
  readonly version: string;
  readonly commit: string;
}

const rowsPerRequest = 64;

/** What the deployment says about each strike, in their order. */
export async function askAll(
  target: InferenceTarget,
  strikes: readonly Strike[],
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < strikes.length; start += rowsPerRequest) {
    answers.push(...(await ask(target, strikes.slice(start, start + rowsPerRequest), signal)));
  }
  return answers;
}

/** One request for several strikes. */
export async function ask(
  target: InferenceTarget,
  strikes: readonly Strike[],
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const id = randomUUID();
  const {
    response,
    version = '',
    commit = '',
  } = await predict(target, { id, inputs: tensorsOf(strikes) }, signal);
  if (response.id !== id) throw new Error(`asked as ${id}, answered as ${response.id}`);
  const values = (name: string) => response.outputs.find((output) => output.name === name)?.data ?? [];
  const [probabilities, labels] = [values('probability'), values('label')];
  if (probabilities.length !== strikes.length) {
    throw new Error(`asked about ${strikes.length} strikes, answered about ${probabilities.length}`);
  }
  return strikes.map((_, row) => ({
    probability: Number(probabilities[row]),
    damaged: Number(labels[row]) === 1,
    version,
    commit,
  }));
}

/** How many answers are not what their version says about that strike: single precision leaves a little room. */
export function wrongAnswers(
  given: readonly (Answer & { readonly strike: number })[],
  known: readonly (readonly Answer[])[],
): number {
  return given.filter((answer) => {
    const right = known.find(([first]) => first?.version === answer.version)?.[answer.strike];
    return right === undefined || Math.abs(right.probability - answer.probability) >= 1e-6;
  }).length;
}
