import type { Evidence } from '../../plugins/proposals/changes/evidence.ts';
import type { Terminal } from '../terminal.ts';
import { readGivenYaml } from './given-files.ts';

/** The flags that say what is known of a new version. */
export interface EvidenceOptions {
  readonly examples?: string;
  readonly describe?: string;
}

/** Reads the files that `--describe` and `--examples` name. */
export async function readEvidence(
  { describe, examples }: EvidenceOptions,
  terminal: Pick<Terminal, 'folder'>,
): Promise<Evidence> {
  const described = describe === undefined ? undefined : await readGivenYaml(describe, terminal);
  const { lineage, metrics } = (described ?? {}) as Evidence;
  return {
    ...(lineage === undefined ? {} : { lineage }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(examples === undefined ? {} : { examples: await readGivenYaml(examples, terminal) }),
  };
}
