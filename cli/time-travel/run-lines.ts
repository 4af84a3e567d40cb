import { nothingKnown } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { linesForPeople } from '../output/history.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { deploymentsAt } from './declared-deployments.ts';
import { type HistoryOptions, withHistory } from './open-history.ts';
import { versionFacts } from './version-facts.ts';
import { drawVersionGraph, type GraphVersion } from './version-graph.ts';

export interface LinesOptions extends HistoryOptions {
  readonly output?: StructuredFormat;
}

/** Prints the versions of a model as a graph. */
export function runLines(model: string, options: LinesOptions, terminal: Terminal): Promise<number> {
  return withHistory(options, terminal, async (repository, head, root) => {
    const names = await versionNames(repository, head, model);
    const deployments = await deploymentsAt(repository, head, { model });
    const versions: GraphVersion[] = [];
    for (const version of names) {
      const facts = await versionFacts(repository, head, model, version);
      if (facts === undefined) continue;
      const { line, parents, quarantine } = facts;
      const deployedIn = deployments
        .filter((one) => one.version === version)
        .map(({ environment }) => environment);
      versions.push({ version, line, parents, deployedIn, quarantined: quarantine !== null });
    }
    if (versions.length === 0) throw nothingKnown(`a version of the model ${model}`, root);
    terminal.out(
      options.output
        ? structured({ items: versions }, options.output)
        : linesForPeople(drawVersionGraph(versions), terminal),
    );
    return exitCodes.success;
  });
}

async function versionNames(
  repository: Parameters<typeof versionFacts>[0],
  head: string,
  model: string,
): Promise<readonly string[]> {
  let tree = (await repository.commit(head)).tree;
  for (const folder of ['models', model, 'versions']) {
    const found = (await repository.tree(tree)).find(({ name, type }) => name === folder && type === 'tree');
    if (found === undefined) return [];
    tree = found.id;
  }
  const entries = await repository.tree(tree);
  return entries.flatMap(({ name }) => /^(.+)\.ya?ml$/.exec(name)?.[1] ?? []);
}
