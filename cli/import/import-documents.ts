import { isDeepStrictEqual } from 'node:util';
import { importAnalysisTemplate } from './argo/analysis-template.ts';
import { importRollout } from './argo/rollout.ts';
import { importCanary } from './flagger/canary.ts';
import type { JudgeMade } from './judge-made.ts';
import type { Made } from './manifest.ts';
import { type Deployed, type Manifest, place } from './place.ts';
import { type DocumentReport, type FieldReport, Refusal, type RefusalReport } from './report.ts';
import type { Source } from './source.ts';

/** What a verb reads. */
export type ImportedKind = 'rollout' | 'analysistemplate' | 'canary';

export interface Import {
  readonly documents: readonly DocumentReport[];
  /** Each once, in the order in which they were read. */
  readonly manifests: readonly Manifest[];
}

type Importer = (source: Source, notes: FieldReport[], all: readonly Source[]) => readonly Made[];

const rollout: Importer = (source, notes, all) => [importRollout(source, all, notes)];
const template: Importer = (source, notes, all) => [importAnalysisTemplate(source, all, notes)];
const canary: Importer = (source, notes, all) => importCanary(source, all.filter(isMetricTemplate), notes);

const templates = {
  AnalysisTemplate: template,
  ClusterAnalysisTemplate: template,
};
const importers: Readonly<Record<ImportedKind, Readonly<Record<string, Importer>>>> = {
  rollout: { Rollout: rollout, ...templates },
  analysistemplate: templates,
  canary: { Canary: canary },
};
const groups: Readonly<Record<ImportedKind, string>> = {
  rollout: 'argoproj.io/',
  analysistemplate: 'argoproj.io/',
  canary: 'flagger.app/',
};

/** What became of one document, while others are still looked at. */
interface Attempt {
  readonly source: Source;
  readonly made: readonly Manifest[];
  readonly fields: readonly FieldReport[];
  readonly refusal?: RefusalReport;
  readonly ignored?: string;
}

/** Imports what a verb reads out of documents, and tells of each of them what became of it. Pure. */
export function importDocuments(
  kind: ImportedKind,
  sources: readonly Source[],
  deployed: Deployed | undefined,
  judge: JudgeMade,
): Import {
  const attempts = sources.map((source) => attempt(kind, source, sources, deployed));
  const judged = withoutInvalid(attempts, judge);
  const documents = judged.map(reportOf);
  const manifests = [...new Map(judged.flatMap(({ made }) => made).map((one) => [keyOf(one), one])).values()];
  return { documents: kind === 'canary' ? documents.map(metricTemplateReport) : documents, manifests };

  /** A MetricTemplate is imported with what asks it. */
  function metricTemplateReport(report: DocumentReport, index: number): DocumentReport {
    const source = sources[index];
    if (source === undefined || !isMetricTemplate(source)) return report;
    const asking = sources.flatMap((other, place) =>
      other.kind === 'Canary' && asks(other, source.name) ? [documents[place]] : [],
    );
    const { note: _, ...rest } = report;
    if (asking.length === 0) return { ...rest, result: 'refused', refusal: unasked(source) };
    const into = asking.find((one) => one?.result === 'imported' || one?.result === 'remarks');
    if (into !== undefined) return { ...rest, result: 'imported', manifests: into.manifests.slice(-1) };
    const refusal = asking.find((one) => one?.refusal !== undefined)?.refusal ?? unasked(source);
    return { ...rest, result: 'refused', refusal };
  }
}

function attempt(
  kind: ImportedKind,
  source: Source,
  all: readonly Source[],
  deployed: Deployed | undefined,
): Attempt {
  if (source.problem !== undefined) {
    const message = `it is not YAML: ${source.problem}`;
    const hint = 'Render templates of Helm and their like first.';
    return { source, made: [], fields: [], refusal: { code: 'SourceInvalid', field: '', message, hint } };
  }
  const isOfGroup = source.apiVersion.startsWith(groups[kind]);
  const importer = Object.hasOwn(importers[kind], source.kind) ? importers[kind][source.kind] : undefined;
  if (!isOfGroup || importer === undefined) {
    return { source, made: [], fields: [], ignored: whyIgnored(source, kind) };
  }
  const fields: FieldReport[] = [];
  return unlessRefused({ source, made: [], fields }, () =>
    importer(source, fields, all).map((one) => place(one, deployed)),
  );
}

/** Templates are judged before what names them; of those that come to one name the first counts. */
function withoutInvalid(attempts: readonly Attempt[], judge: JudgeMade): readonly Attempt[] {
  const accepted = new Map<string, Manifest>();
  const templates = () => [...accepted.values()].filter(({ made }) => made.kind === 'AnalysisTemplate');
  const accept = (one: Attempt): Attempt =>
    unlessRefused(one, () => {
      const own = one.made.filter(({ made }) => made.kind === 'AnalysisTemplate');
      for (const manifest of one.made) {
        judge(manifest, [...templates(), ...own]);
        demandFresh(manifest, accepted.get(keyOf(manifest)));
      }
      for (const manifest of one.made) accepted.set(keyOf(manifest), manifest);
      return one.made;
    });
  const isWalk = ({ made }: Attempt) => made.some((one) => one.made.kind === 'Deployment');
  const first = attempts.map((one) => (isWalk(one) ? one : accept(one)));
  return first.map((one) => (isWalk(one) ? accept(one) : one));
}

function unlessRefused(one: Attempt, work: () => readonly Manifest[]): Attempt {
  try {
    return { ...one, made: work() };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { ...one, made: [], refusal: hinted(thrown.report, one.source) };
  }
}

function reportOf({ source, made, fields, refusal, ignored }: Attempt): DocumentReport {
  const { file, line, kind, name } = source;
  const base = { file, line, kind, name, manifests: [], fields };
  if (ignored !== undefined) return { ...base, result: 'ignored', note: ignored };
  if (refusal !== undefined) return { ...base, result: 'refused', refusal };
  const hasRemarks = fields.some(({ outcome }) => outcome === 'changed' || outcome === 'dropped');
  const manifests = made.map((one) => one.path ?? `the strategy of ${one.made.name}`);
  return { ...base, result: hasRemarks ? 'remarks' : 'imported', manifests };
}

/** Documents that are cut short look as if fields were missing. */
function hinted(refusal: RefusalReport, { isCut }: Source): RefusalReport {
  if (!isCut || refusal.code !== 'SourceInvalid') return refusal;
  return { ...refusal, hint: 'A line `...` ends a YAML document: name the whole manifest.' };
}

function isMetricTemplate({ kind, apiVersion }: Source): boolean {
  return kind === 'MetricTemplate' && apiVersion.startsWith(groups.canary);
}

function asks(canarySource: Source, name: string): boolean {
  const text = JSON.stringify(canarySource.value);
  return text.includes(`"templateRef":{`) && text.includes(JSON.stringify(name));
}

function unasked({ name, value }: Source): RefusalReport {
  const type = metricProvider(value);
  if (type !== undefined && type !== 'prometheus') {
    return {
      code: 'NoEqual',
      field: 'spec.provider.type',
      message: `no metrics source called ${type} comes with Switchyard`,
      hint: `Ask Prometheus for the number, or write a plugin that provides metrics-source ${type}.`,
    };
  }
  return {
    code: 'NoEqual',
    field: 'spec',
    message: `no Canary among the files asks the MetricTemplate ${name}, so that there is no threshold to judge it by`,
    hint: 'Name the file of its Canary in the same command.',
  };
}

function metricProvider(value: unknown): string | undefined {
  const { spec } = (value ?? {}) as { readonly spec?: { readonly provider?: { readonly type?: unknown } } };
  const type = spec?.provider?.type;
  return typeof type === 'string' ? type : undefined;
}

function keyOf({ made }: Manifest): string {
  return `${made.kind}/${made.name}`;
}

function demandFresh(manifest: Manifest, other: Manifest | undefined): void {
  if (other === undefined || isDeepStrictEqual(other.document, manifest.document)) return;
  throw new Refusal({
    code: 'NameTaken',
    field: 'metadata.name',
    message: `another document came to ${manifest.made.kind} ${manifest.made.name} already, and says something else`,
    hint: 'Import them one by one, or rename one.',
  });
}

const others: Readonly<Record<string, string>> = {
  Experiment:
    'an experiment starts pods of its own: compare variants in an analysis, or with the strategy abTest',
  AnalysisRun: 'a run is what was observed, not what is declared',
  Rollout: '`switchyard import rollout` reads it',
  AnalysisTemplate: '`switchyard import analysistemplate` reads it',
  ClusterAnalysisTemplate: '`switchyard import analysistemplate` reads it',
  Canary: '`switchyard import canary` reads it',
  MetricTemplate: '`switchyard import canary` reads it, with the Canary that asks it',
  AlertProvider: 'who is told of what is not said in a registry',
};

function whyIgnored({ apiVersion, kind }: Source, verb: ImportedKind): string {
  if (kind === '') return 'it is no manifest';
  const isTheirs = Object.values(groups).some((group) => apiVersion.startsWith(group));
  if (isTheirs && Object.hasOwn(others, kind)) return others[kind] ?? '';
  return `${verb === 'canary' ? 'Flagger' : 'Argo Rollouts'} does not own it`;
}
