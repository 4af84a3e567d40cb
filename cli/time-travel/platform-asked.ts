import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import { type Api, connect } from '../client/api.ts';
import { otherRegistry } from '../client/other-registry.ts';
import { oneLine, type Terminal } from '../terminal.ts';

export interface AskedOptions {
  readonly api?: string;
  readonly offline?: boolean;
}

/**
 * The platform that is asked what happened; undefined where none answers, or only one of another registry: what that one did
 * says nothing of this clone. Whoever names one by --api is obeyed, and told.
 */
export async function platformAsked(
  options: AskedOptions,
  root: string,
  clone: OpenedRepository,
  terminal: Terminal,
): Promise<Api | undefined> {
  if (options.offline === true) return undefined;
  try {
    const api = await connect({ ...options, timeout: 10_000 }, terminal);
    const other = await otherRegistry(api, root, clone);
    if (other === undefined) return api;
    const isNamed = options.api !== undefined;
    const runs = `The platform at ${api.url} runs another registry than that of ${root}: ${oneLine(other)}.`;
    terminal.err(
      isNamed
        ? `${runs} What it knows is told all the same, since --api names it.\n`
        : `${runs} It was not asked; --api asks it all the same.\n`,
    );
    return isNamed ? api : undefined;
  } catch (error) {
    if (options.api !== undefined) throw error;
    return undefined;
  }
}
