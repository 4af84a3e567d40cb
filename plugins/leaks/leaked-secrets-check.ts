import type { ProposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { Registry, RegistryIssue } from '../../core/capabilities/registry.ts';
import { secretsIn } from '../../libraries/secret-scan/index.ts';

/** Bytes of a file beyond which it is not read for secrets: what people write by hand is smaller. */
const largestText = 1024 * 1024;

/** Whether a file that the proposal adds or changes holds something that looks like a credential. It is never repeated. */
export function leakedSecretsCheck(registry: Pick<Registry, 'repository'>): ProposalCheck {
  return {
    title: 'No secret is leaked',
    version: 2,

    concerns({ files }) {
      const written = files.filter(({ after }) => after !== null);
      return written.length === 0
        ? undefined
        : written.map(({ path, after }) => `${after} ${path}`).join('\n');
    },

    async run({ files }, { signal, progress }) {
      const annotations: RegistryIssue[] = [];
      const paths = new Map<string, string[]>();
      for (const { path, after } of files) {
        if (after !== null) paths.set(after, [...(paths.get(after) ?? []), path]);
      }
      let read = 0;
      let skipped = 0;
      for await (const { id, bytes } of registry.repository.blobs([...paths.keys()], largestText)) {
        signal.throwIfAborted();
        const text = bytes === undefined ? undefined : textOf(bytes);
        if (text === undefined) {
          skipped += 1;
          continue;
        }
        read += 1;
        for (const path of paths.get(id) ?? []) {
          progress(`reading ${path}`);
          for (const { sort, line, column } of await secretsIn(path, text)) {
            annotations.push({
              code: 'SecretLeaked',
              severity: 'error',
              message: `this looks like a credential (${sort})`,
              hint: 'Revoke it: whoever can read the proposal has it. Then take it out of the branch’s history.',
              path,
              line,
              column,
              pointer: '',
            });
          }
        }
      }
      const facts = { filesRead: read, filesSkipped: skipped, secrets: annotations.length };
      const [first] = annotations;
      if (first === undefined) {
        const others = skipped === 0 ? '' : `, ${skipped} binary or over ${largestText / 1024} KiB not read`;
        return {
          outcome: 'pass',
          summary: `${read === 1 ? '1 file' : `${read} files`} read${others}`,
          facts,
        };
      }
      const more = annotations.length === 1 ? '' : ` (and ${annotations.length - 1} more)`;
      return {
        outcome: 'fail',
        summary: `${first.path}:${first.line}: ${first.message}${more}`,
        details: annotations.map(({ path, line, message }) => `- \`${path}:${line}\`: ${message}`).join('\n'),
        annotations,
        facts,
      };
    },
  };
}

/** Undefined for what is no text. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
