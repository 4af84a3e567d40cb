import type { ProposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import { formatByteSize } from '../../libraries/byte-size/index.ts';

export interface LargeFileLimits {
  /** Bytes of a file that no manifest declares. */
  readonly file: number;
  /** Bytes of a file that a manifest stands on: an artifact, a card, data. */
  readonly declared: number;
}

/** Whether the proposal would leave a file in history for ever that does not belong there. */
export function largeFilesCheck(
  registry: Pick<Registry, 'repository'>,
  limits: LargeFileLimits,
): ProposalCheck {
  return {
    title: 'No large file is left in history',
    version: 1,

    concerns({ files }) {
      const written = files.filter(({ after }) => after !== null);
      if (written.length === 0) return undefined;
      return [JSON.stringify(limits), ...written.map(({ path, after }) => `${after} ${path}`)].join('\n');
    },

    async run({ files, merged }) {
      const declared = new Set<string>();
      for (const { attachments } of merged.resources.values()) {
        for (const { path } of attachments) declared.add(path);
      }
      const tooLarge: { path: string; size: number; limit: number }[] = [];
      let bytes = 0;
      for (const { path, after } of files) {
        if (after === null) continue;
        const size = await registry.repository.blobSize(after);
        bytes += size;
        const limit = declared.has(path) ? limits.declared : limits.file;
        if (size > limit) tooLarge.push({ path, size, limit });
      }
      const [first] = tooLarge;
      if (first === undefined)
        return { outcome: 'pass', summary: `${formatByteSize(bytes)} added`, facts: { bytes } };
      const told = tooLarge.map(({ path, size, limit }) => ({
        path,
        message: `${formatByteSize(size)}, over the limit of ${formatByteSize(limit)}`,
      }));
      return {
        outcome: 'fail',
        summary: `${first.path}: ${told[0]?.message}${told.length === 1 ? '' : ` (and ${told.length - 1} more)`}`,
        details: told.map(({ path, message }) => `- \`${path}\`: ${message}`).join('\n'),
        annotations: told.map(({ path, message }) => ({
          code: 'LargeFile',
          severity: 'error',
          message,
          hint: 'Put it into an artifact store and declare its http(s) URI and digest; history keeps every byte for ever.',
          path,
          line: 1,
          column: 1,
          pointer: '',
        })),
        facts: { bytes, tooLarge: tooLarge.length },
      };
    },
  };
}
