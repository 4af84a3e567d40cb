import type { Attachment, Finding } from '../../core/plugin.ts';
import { type FrontMatter, isRecord, readFrontMatter } from '../../libraries/front-matter/index.ts';
import { missingSections } from './card-sections.ts';

const pointer = '/spec/card';

/** Checks a model card in the manner of the Hugging Face hub: YAML front matter, then the sections that readers need. */
export function cardFindings(card: Attachment, task: string): readonly Finding[] {
  // Too large, or no text: the kernel has said so.
  if (card.text === undefined) return [];
  const matter = readFrontMatter(card.text);
  if ('problem' in matter) {
    return [
      {
        code: 'InvalidCard',
        pointer,
        message: `${card.path}:${matter.line}: ${matter.problem}`,
        hint: 'A card begins with --- and the fields license, tags, language and pipeline_tag, then --- and its text.',
      },
    ];
  }
  return [
    ...fieldFindings(card, matter),
    ...taskFindings(card, matter, task),
    ...modelIndexFindings(card, matter),
    ...sectionFindings(card, matter),
  ];
}

/** What a known field may be; the hub leaves cards open, so that unknown fields are none of our business. */
const shapes: Readonly<Record<string, 'text' | 'texts' | 'text or texts'>> = {
  license: 'text or texts',
  license_name: 'text',
  license_link: 'text',
  language: 'text or texts',
  tags: 'texts',
  datasets: 'texts',
  metrics: 'texts',
  library_name: 'text',
  pipeline_tag: 'text',
  base_model: 'text or texts',
};

function fieldFindings(card: Attachment, { fields, lineOf }: FrontMatter): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [field, shape] of Object.entries(shapes)) {
    const value = fields[field];
    if (value === undefined || fits(value, shape)) continue;
    const wanted = { text: 'a text', texts: 'a list of texts', 'text or texts': 'a text or a list of texts' }[
      shape
    ];
    findings.push({
      code: 'InvalidCard',
      pointer,
      message: `${card.path}:${lineOf(field)}: ${field} must be ${wanted}`,
    });
  }
  if (fields.license === undefined) {
    findings.push({
      code: 'IncompleteCard',
      pointer,
      severity: 'warning',
      message: `${card.path} names no license`,
      hint: 'Add `license:` and an identifier such as apache-2.0.',
    });
  }
  return findings;
}

function fits(value: unknown, shape: 'text' | 'texts' | 'text or texts'): boolean {
  if (typeof value === 'string') return shape !== 'texts' && value !== '';
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
  return isList && shape !== 'text';
}

function taskFindings(card: Attachment, { fields, lineOf }: FrontMatter, task: string): readonly Finding[] {
  const tag = fields.pipeline_tag;
  if (tag === undefined) {
    if (task === 'other') return [];
    return [
      {
        code: 'IncompleteCard',
        pointer,
        severity: 'warning',
        message: `${card.path} names no pipeline_tag`,
        hint: `Add \`pipeline_tag: ${task}\`.`,
      },
    ];
  }
  if (tag === task || typeof tag !== 'string') return [];
  return [
    {
      code: 'CardMismatch',
      pointer,
      message: `${card.path}:${lineOf('pipeline_tag')}: the card's pipeline_tag is ${tag}, the manifest's task ${task}`,
      hint: 'Correct the one that is wrong: both name the same task.',
    },
  ];
}

/** `model-index` is what the hub draws its tables of results from. */
function modelIndexFindings(card: Attachment, { fields, lineOf }: FrontMatter): readonly Finding[] {
  const index = fields['model-index'];
  if (index === undefined) return [];
  const problem = modelIndexProblem(index);
  if (problem === undefined) return [];
  return [
    {
      code: 'InvalidCard',
      pointer,
      message: `${card.path}:${lineOf('model-index')}: ${problem}`,
      hint: 'Each entry has a name and results; each result has task.type, dataset.name, dataset.type and metrics with type and value.',
    },
  ];
}

function modelIndexProblem(index: unknown): string | undefined {
  if (!Array.isArray(index)) return 'model-index must be a list';
  for (const [at, model] of index.entries()) {
    const where = `model-index[${at}]`;
    if (!isRecord(model) || typeof model.name !== 'string') return `${where} needs a name`;
    if (!Array.isArray(model.results)) return `${where}.results must be a list`;
    for (const [number, result] of model.results.entries()) {
      const problem = resultProblem(result, `${where}.results[${number}]`);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function resultProblem(result: unknown, where: string): string | undefined {
  if (!isRecord(result)) return `${where} must be a mapping`;
  const { task, dataset, metrics } = result;
  if (!isRecord(task) || typeof task.type !== 'string') return `${where}.task needs a type`;
  if (!isRecord(dataset) || typeof dataset.name !== 'string' || typeof dataset.type !== 'string') {
    return `${where}.dataset needs a name and a type`;
  }
  if (!Array.isArray(metrics) || metrics.length === 0) return `${where}.metrics must be a list of metrics`;
  for (const [at, metric] of metrics.entries()) {
    if (!isRecord(metric) || typeof metric.type !== 'string') return `${where}.metrics[${at}] needs a type`;
    if (metric.value === undefined || metric.value === null) return `${where}.metrics[${at}] needs a value`;
    if (typeof metric.value === 'number' && !Number.isFinite(metric.value)) {
      return `${where}.metrics[${at}].value must be a finite number`;
    }
  }
  return undefined;
}

function sectionFindings(card: Attachment, { body }: FrontMatter): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { name, tells } of missingSections(body)) {
    findings.push({
      code: 'IncompleteCard',
      pointer,
      severity: 'warning',
      message: `${card.path} has no section on ${name}`,
      hint: `Add the heading "## ${name[0]?.toUpperCase()}${name.slice(1)}": ${tells}.`,
    });
  }
  return findings;
}
