/** Labels as clients send them: what turned out to be true of predictions. */

export type LabelValue = string | number | boolean | readonly (string | number | boolean)[];

/** What turned out to be true of one row of a prediction. */
export interface ToldLabel {
  /** The prediction's id. */
  readonly id: string;
  /** Which of its rows, from 0. */
  readonly row: number;
  readonly value: LabelValue;
}

/** A file of labels that an inference process handed in. */
export interface ToldLabels {
  readonly environment: string;
  readonly deployment: string;
  /** Milliseconds since 1970. */
  readonly received: number;
  readonly labels: readonly ToldLabel[];
}

const mostLabels = 10_000;
const longestText = 1_024;
const mostInList = 4_096;

/** Reads `{"labels": [{"id", "label", "row"?}, …]}`: all of it, or the first thing wrong, with its JSON pointer. */
export function readToldLabels(
  body: unknown,
): { readonly labels: readonly ToldLabel[] } | { readonly pointer: string; readonly problem: string } {
  if (!isRecord(body)) return { pointer: '', problem: 'the body is not a JSON object' };
  for (const name of Object.keys(body)) {
    if (name !== 'labels')
      return { pointer: `/${name}`, problem: `there is no field "${name}" here: labels is` };
  }
  const { labels } = body;
  if (!Array.isArray(labels)) return { pointer: '/labels', problem: 'labels is a list of {"id", "label"}' };
  if (labels.length > mostLabels) {
    const problem = `there are ${labels.length} labels, and at most ${mostLabels} are taken at once`;
    return { pointer: '/labels', problem };
  }
  const read: ToldLabel[] = [];
  for (const [index, entry] of labels.entries()) {
    const label = readOne(entry);
    if ('problem' in label) return { pointer: `/labels/${index}${label.at}`, problem: label.problem };
    read.push(label);
  }
  return { labels: read };
}

function readOne(entry: unknown): ToldLabel | { readonly at: string; readonly problem: string } {
  if (!isRecord(entry)) return { at: '', problem: 'a label is {"id": "…", "label": …}' };
  const { id, label, row = 0, ...more } = entry;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) {
    return { at: `/${unknown}`, problem: `there is no field "${unknown}" here: id, row, label are` };
  }
  if (id === undefined || id === '') {
    return { at: '/id', problem: 'there is no id: it is the switchyard-prediction-id of an answer' };
  }
  if (typeof id !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    return { at: '/id', problem: 'id is the switchyard-prediction-id of an answer' };
  }
  if (!Number.isInteger(row) || (row as number) < 0 || (row as number) > 2 ** 31 - 1) {
    return { at: '/row', problem: 'row is the place of a row in its request, from 0' };
  }
  const nothing = (Array.isArray(label) ? label : [label]).find(saysNothing);
  if (nothing !== undefined) {
    const problem = `label is ${JSON.stringify(nothing).slice(0, 40)}, which says nothing of the truth: leave out what is not known`;
    return { at: '/label', problem };
  }
  const isList = Array.isArray(label) && label.length <= mostInList && label.every(isOne);
  if (!isList && !isOne(label)) {
    const problem = 'label is a number, a text of at most 1024 characters, true or false, or a list of them';
    return { at: '/label', problem };
  }
  return { id: id.toLowerCase(), row: row as number, value: label as LabelValue };
}

/** What programs write where they know no number: kept as a text it would be taken for a class. */
export function saysNothing(label: unknown): boolean {
  return label === null || (typeof label === 'string' && /^\s*([+-]?(nan|inf|infinity))?\s*$/i.test(label));
}

function isOne(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= longestText;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
