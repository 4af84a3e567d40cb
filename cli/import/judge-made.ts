import { compileSchema } from '../../core/manifest/schema-findings.ts';
import type { Finding, KindDefinition, Related, Resource } from '../../core/plugin.ts';
import type { Manifest } from './place.ts';
import { Refusal } from './report.ts';

/** Judges one manifest beside the templates that were made with it. Throws a refusal. */
export type JudgeMade = (manifest: Manifest, templates: readonly Manifest[]) => void;

/** Judges what was made by the kinds that `switchyard check` judges by, so that nothing is handed out that it refuses. */
export function judgeMade(kinds: readonly KindDefinition[]): JudgeMade {
  const judges = new Map(
    kinds.map((kind) => {
      const bySchema = compileSchema(kind);
      const judge = ({ document }: Manifest, related: Related): readonly Finding[] => {
        const found = bySchema(JSON.parse(JSON.stringify(document)));
        return found.length > 0 ? found : [...(kind.validate?.(asResource(document), related) ?? [])];
      };
      return [kind.kind, judge] as const;
    }),
  );
  return (manifest, templates) => {
    const findings = judges.get(manifest.made.kind)?.(manifest, relatedTo(templates)) ?? [];
    const error = findings.find(({ severity = 'error' }) => severity === 'error');
    if (error === undefined) return;
    throw new Refusal({
      code: 'ImportNotValid',
      field: error.pointer.slice(1).replaceAll('/', '.'),
      message: `what it comes to is not valid: ${error.message}`,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  };
}

/** Nothing of its validity depends on where it was read. */
function asResource(document: Manifest['document']): Resource {
  return document as unknown as Resource;
}

/** A version of any model, without anything against it: which one it will be is not for an import to judge. */
const anyVersion = {
  metadata: { name: '0.0.0' },
  spec: { artifact: { digest: '', size: 0 }, signature: { inputs: [], outputs: [] } },
} as unknown as Resource;

function relatedTo(templates: readonly Manifest[]): Related {
  const resources = templates.map(({ document }) => asResource(document));
  return {
    get: <Spec>(ref: string) =>
      (ref.startsWith('ModelVersion/') ? anyVersion : undefined) as Resource<Spec> | undefined,
    matching: <Spec>(pattern: string) =>
      (pattern === 'AnalysisTemplate/*' ? resources : []) as unknown as readonly Resource<Spec>[],
  };
}
