import { RE2JS } from 're2js';
import { Fields } from '../fields.ts';
import type { MadeTemplate, Metric } from '../manifest.ts';
import { nameLike } from '../names.ts';
import { type FieldReport, noEqual, sourceInvalid } from '../report.ts';
import type { Source } from '../source.ts';
import { type Argument, declaredArguments } from './arguments.ts';
import { metadataName } from './metadata.ts';
import { metricOf } from './metric.ts';

/** An AnalysisTemplate, or a ClusterAnalysisTemplate. Throws a refusal: a template that judges less than it did would let versions pass. */
export function importAnalysisTemplate(
  source: Source,
  all: readonly Source[],
  notes: FieldReport[],
): MadeTemplate {
  const document = new Fields(source.value, '', notes);
  const name = metadataName(document, source, 'metadata.name');
  const spec = document.demandMap('spec');
  const specs = [spec, ...includedSpecs(spec, all, notes)];
  const declared = new Map<string, Argument>();
  const metrics: Metric[] = [];
  for (const part of specs) {
    const known = declaredArguments(part);
    for (const argument of known.declared) addOnce(declared, argument, part);
    const isDryRun = dryRuns(part);
    for (const metric of part.maps('metrics')) {
      metrics.push(metricOf(metric, `spec.metrics[${metrics.length}]`, known, isDryRun));
    }
    part.note('measurementRetention', 'elsewhere', 'how many measurements are kept is not set by a template');
    part.finish();
  }
  if (metrics.length === 0) throw sourceInvalid(spec.at('metrics'), 'it is empty');
  document.finish();
  const args = [...declared.values()];
  return {
    kind: 'AnalysisTemplate',
    name: nameLike(name),
    spec: { ...(args.length === 0 ? {} : { args }), metrics },
  };
}

/** The specs of the templates that this one is made of; theirs must be among the files, and made of no others. */
function includedSpecs(spec: Fields, all: readonly Source[], notes: FieldReport[]): readonly Fields[] {
  const included = spec.maps('templates').map((reference) => {
    const name = reference.text('templateName') ?? '';
    const kind = reference.flag('clusterScope') === true ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate';
    const found = all.find((source) => source.kind === kind && source.name === name);
    if (found === undefined) {
      throw noEqual(
        reference.path,
        `it is made of the ${kind} ${name}, which is not among the files`,
        'Name its file in the same command.',
      );
    }
    const inside = new Fields(found.value, `templates(${name})`, notes).demandMap('spec');
    if (inside.list('templates').length > 0) {
      throw noEqual(
        reference.path,
        `the ${kind} ${name} is itself made of others`,
        'Name those here instead.',
      );
    }
    return inside;
  });
  spec.note('templates', 'changed', 'their metrics and arguments stand here themselves', 'spec.metrics');
  return included;
}

/** Templates may share an argument; two values of one name have no equal. */
function addOnce(declared: Map<string, Argument>, argument: Argument, spec: Fields): void {
  const other = declared.get(argument.name);
  if (other?.value !== undefined && argument.value !== undefined && other.value !== argument.value) {
    throw noEqual(spec.at('args'), `the argument ${argument.name} has two values`);
  }
  declared.set(argument.name, other?.value === undefined ? argument : other);
}

/** Which metrics are measured without a say: rules are regular expressions that are found in their names. */
function dryRuns(spec: Fields): (name: string) => boolean {
  const rules = spec.maps('dryRun').map((rule) => {
    const pattern = rule.text('metricName') ?? '';
    rule.imported('metricName', 'spec.metrics[].dryRun');
    rule.finish();
    try {
      return RE2JS.compile(pattern);
    } catch {
      throw sourceInvalid(rule.at('metricName'), `"${pattern}" is no regular expression`);
    }
  });
  return (name) => rules.some((rule) => rule.matcher(name).find());
}
