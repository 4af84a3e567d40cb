import { type Fields, isObject } from '../fields.ts';
import type { AnalysisUse } from '../manifest.ts';
import { nameLike } from '../names.ts';
import { sourceInvalid } from '../report.ts';
import type { Source } from '../source.ts';
import { givenArguments } from './arguments.ts';

export interface UseContext {
  /** The whole rollout, for arguments that are taken from its own fields. */
  readonly document: unknown;
  /** All that was read: what templates take is known only of those. */
  readonly all: readonly Source[];
}

/** Where a rollout names templates and gives them arguments. */
export function analysisUse(fields: Fields, to: string, { document, all }: UseContext): AnalysisUse {
  const names: string[] = [];
  const templates = fields.maps('templates').map((template, index) => {
    const written = template.text('templateName') ?? '';
    names.push(written);
    const templateName = nameLike(written);
    if (templateName === '') throw sourceInvalid(template.at('templateName'), 'it is missing');
    const place = `${to}.templates[${index}].templateName`;
    if (templateName === written) template.imported('templateName', place);
    else template.note('templateName', 'changed', `it is called ${templateName}`, place);
    template.note('clusterScope', 'elsewhere', 'all templates of a registry are of one scope');
    template.finish();
    return { templateName };
  });
  if (templates.length === 0) throw sourceInvalid(fields.at('templates'), 'it names no template');
  const args = givenArguments(fields, to, document, argumentsTakenBy(names, all));
  fields.note(
    'dryRun',
    'dropped',
    'a template says itself which metrics have no say (dryRun): here they have one',
  );
  fields.note('measurementRetention', 'elsewhere', 'how many measurements are kept is not set here');
  fields.note('analysisRunMetadata', 'elsewhere', 'it is about objects in Kubernetes');
  return {
    templates,
    ...(args.length === 0 ? {} : { args: args.map(({ name, value = '' }) => ({ name, value })) }),
  };
}

/** The arguments that templates declare, secrets aside; undefined where one of them is not among the files. */
function argumentsTakenBy(names: readonly string[], all: readonly Source[]): ReadonlySet<string> | undefined {
  const taken = new Set<string>();
  for (const name of names) {
    const found = all.find(
      (source) => /^(Cluster)?AnalysisTemplate$/.test(source.kind) && source.name === name,
    );
    const spec = isObject(found?.value) ? found.value.spec : undefined;
    if (!isObject(spec)) return undefined;
    for (const argument of Array.isArray(spec.args) ? spec.args : []) {
      if (isObject(argument) && argument.valueFrom === undefined) taken.add(String(argument.name));
    }
    for (const reference of Array.isArray(spec.templates) ? spec.templates : []) {
      const inside = argumentsTakenBy([String(isObject(reference) ? reference.templateName : '')], all);
      if (inside === undefined) return undefined;
      for (const argument of inside) taken.add(argument);
    }
  }
  return taken;
}
