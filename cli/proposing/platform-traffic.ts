/** Adds to what was judged here the traffic that only a running platform can count: the one that runs this registry. */
import type { Judgement, ShownProposal } from '../../plugins/proposals/proposals.ts';
import { runningPlatforms } from '../../server/run-file.ts';
import { connect } from '../client/api.ts';
import type { Terminal } from '../terminal.ts';

type TouchedEnvironment = Judgement['blastRadius']['environments'][number];

/** Its figure is worth no longer wait than this. */
const withinMs = 1_000;

/**
 * Asks the platform that SWITCHYARD_API names, or that runs from this folder on this machine. Where there is none, where it
 * does not answer soon, or judged another head or base, what was judged here stays as it is: never rejects.
 */
export async function withPlatformTraffic(
  shown: ShownProposal,
  root: string,
  terminal: Terminal,
): Promise<ShownProposal> {
  const { judgement } = shown;
  if (judgement === null || judgement.blastRadius.environments.length === 0) return shown;
  const there = await judgedThere(judgement.number, root, terminal).catch(() => null);
  if (there?.head !== judgement.head || there.base !== judgement.base) return shown;
  const environments = judgement.blastRadius.environments.map((here) => ({
    ...here,
    traffic: here.traffic ?? trafficIn(there, here),
  }));
  return { ...shown, judgement: { ...judgement, blastRadius: { environments } } };
}

async function judgedThere(number: number, root: string, terminal: Terminal): Promise<Judgement | null> {
  const named = terminal.environment.SWITCHYARD_API;
  const running = (await runningPlatforms(terminal.environment)).filter(
    ({ repository }) => repository === root,
  );
  const address = named || (running.length === 1 ? running[0]?.api : undefined);
  if (address === undefined) return null;
  const api = await connect({ api: address, timeout: withinMs }, terminal);
  return (await api.get<ShownProposal>(`/plugins/proposals/proposals/${number}`)).judgement;
}

/** An older platform counts nothing. */
function trafficIn({ blastRadius }: Judgement, { name }: TouchedEnvironment): TouchedEnvironment['traffic'] {
  return blastRadius.environments.find((one) => one.name === name)?.traffic ?? null;
}
