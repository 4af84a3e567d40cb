import type { Label, LabelValue } from '../../core/capabilities/prediction-sink.ts';
import { logRequestInvalid } from './errors.ts';

const mostLabels = 10_000;
const longestText = 1_024;
const mostInList = 4_096;

/** The labels of a request's body: `{"labels": [{"id", "label", "row"?}, …]}`. Throws `LogRequestInvalid`; takes all or none. */
export function labelsIn({ labels }: Readonly<Record<string, unknown>>): readonly Label[] {
  if (!Array.isArray(labels)) throw logRequestInvalid('body labels', 'labels is a list of {"id", "label"}');
  if (labels.length > mostLabels) {
    throw logRequestInvalid(
      'body labels',
      `there are ${labels.length} labels, and at most ${mostLabels} are taken at once`,
    );
  }
  return labels.map((entry: unknown, index) => labelIn(entry, `body labels/${index}`));
}

function labelIn(entry: unknown, at: string): Label {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw logRequestInvalid(at, 'a label is {"id": "…", "label": …}');
  }
  const { id, label, row = 0, ...more } = entry as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined)
    throw logRequestInvalid(`${at}/${unknown}`, `there is no field "${unknown}" here: id, row, label are`);
  if (typeof id !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw logRequestInvalid(`${at}/id`, 'id is the switchyard-prediction-id of an answer');
  }
  if (!Number.isInteger(row) || (row as number) < 0 || (row as number) > 2 ** 31 - 1) {
    throw logRequestInvalid(`${at}/row`, 'row is the place of a row in its request, from 0');
  }
  const isList = Array.isArray(label) && label.length <= mostInList && label.every(isOne);
  if (!isList && !isOne(label)) {
    throw logRequestInvalid(
      `${at}/label`,
      'label is a number, a text of at most 1024 characters, true or false, or a list of them',
    );
  }
  return { id: id.toLowerCase(), row: row as number, value: label as LabelValue };
}

function isOne(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= longestText;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}
