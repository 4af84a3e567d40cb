/** Reads rows by name, `{"rows": [{"speed": 140, "operator": "…"}]}`, as the tensors of a model. */
import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../../../core/plugin.ts';
import { meantBy } from '../../../../libraries/did-you-mean/index.ts';
import { isText, longIntegerIn, parseMarked } from '../../../../libraries/long-integers/index.ts';
import {
  type FieldPlan,
  type FieldProblem,
  fieldsOf,
  NoRowsError,
  readNamedRows,
} from '../../../../libraries/named-rows/index.ts';
import { invalidRequest } from '../errors/request-errors.ts';
import { invalidRows, notByRows, tooManyRows } from '../errors/row-errors.ts';
import { factsOf, type NumericData, type TensorData } from '../tensor/datatypes.ts';
import { numberToHalf } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { textProblem } from '../tensor/text-problem.ts';
import { type DuplicateField, duplicateField } from './duplicate-field.ts';
import type { InferenceRequest } from './inference-request.ts';
import { checkJsonNesting } from './json-nesting.ts';
import type { ModelInterface, TensorInterface } from './model-interface.ts';
import { scheduleIn } from './schedule.ts';
import { outputOf, plainOutputs, type RequestedOutput, shown } from './tensors-of-model.ts';

export interface RowsRequest extends InferenceRequest {
  /** Rows that were sent. */
  readonly sent: number;
  /** Positions of those that are run. */
  readonly rows: readonly number[];
  /** Whether rows that cannot be predicted are told beside the others, rather than refused with them. */
  readonly skips: boolean;
  /** Why the others are not run, in their order; none unless they are skipped. */
  readonly problems: readonly FieldProblem[];
}

/** Rows of one request. They are read on the event loop, one by one. */
export const mostRows = 10_000;
/** Problems that a refusal tells. */
const mostProblems = 100;
/** Those that are told beside the predictions of other rows; of each row beyond them only its first is. */
const mostSkipped = 1_000;

/** Throws `InvalidRequest`, `InvalidRows`, `TooManyRows`, `NotByRows` or, for unknown outputs, `InvalidTensor`. */
export function readRowsRequest(body: Buffer, model: ModelInterface): RowsRequest {
  const fields = fieldsOfModel(model);
  if (!isUtf8(body)) throw invalidRequest('the body is not UTF-8');
  const text = body.toString('utf8');
  checkJsonNesting(text);
  const document = parse(text, hasLongIntegers(model) ? parseMarked : JSON.parse);
  if (!isRecord(document))
    throw invalidRequest('the body must be a JSON object with "rows"', example(fields));
  const { rows: given } = document;
  const duplicate = duplicateField(text, document);
  if (duplicate !== undefined) throw standsTwice(duplicate, given);
  const { id, schedule, skips, textNumbers, outputs } = readOptions(document, model, fields);
  if (!Array.isArray(given)) {
    const problem = given === undefined ? 'is missing' : 'must be a list of rows';
    throw invalidRequest(`"rows" ${problem}`, example(fields));
  }
  if (given.length === 0) throw invalidRequest('"rows" holds no row', example(fields));
  if (given.length > mostRows) throw tooManyRows(given.length, mostRows);
  const { inputs, rows, problems, wrong } = readNamedRows(model.inputs, fields, given, {
    ...{ textNumbers, longInteger: longIntegerIn, textProblem, meantBy },
    mostProblems: skips ? mostSkipped : mostProblems,
  });
  const told = skips ? ofEachRow(problems, wrong) : problems;
  if (rows.length === 0 || (wrong.size > 0 && !skips)) throw invalidRows(given.length, wrong.size, told);
  const tensors = inputs.map(({ shape, data }, index) => tensorOf(model.inputs[index]!, shape, data));
  return { id, schedule, inputs: tensors, outputs, sent: given.length, rows, skips, problems: told };
}

/** With the first problem of those rows that have none among them. */
function ofEachRow(
  problems: readonly FieldProblem[],
  wrong: ReadonlyMap<number, FieldProblem>,
): readonly FieldProblem[] {
  const rows = new Set(problems.map(({ row }) => row));
  return [...problems, ...[...wrong.values()].filter(({ row }) => !rows.has(row))];
}

const plans = new WeakMap<ModelInterface, readonly FieldPlan[] | NoRowsError>();

/** Throws `NotByRows`. */
function fieldsOfModel(model: ModelInterface): readonly FieldPlan[] {
  let plan = plans.get(model);
  if (plan === undefined) {
    try {
      plan = fieldsOf(model.inputs);
    } catch (error) {
      if (!(error instanceof NoRowsError)) throw error;
      plan = error;
    }
    plans.set(model, plan);
  }
  if (plan instanceof NoRowsError) throw notByRows(plan.message);
  return plan;
}

function hasLongIntegers({ inputs }: ModelInterface): boolean {
  return inputs.some(({ datatype }) => factsOf(datatype).form === 'big');
}

function parse(text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text);
  } catch (error) {
    throw invalidRequest(`the body is not JSON: ${messageOf(error)}`);
  }
}

const known = ['id', 'rows', 'outputs', 'parameters'];
const knownParameters = ['on_error', 'priority', 'text_numbers', 'timeout'];

function readOptions(document: Record<string, unknown>, model: ModelInterface, fields: readonly FieldPlan[]) {
  for (const name of Object.keys(document))
    if (!known.includes(name))
      throw invalidRequest(`"${name.slice(0, 100)}" is no field of a request for rows`, example(fields));
  const { id, parameters = {} } = document;
  if (id !== undefined && !isText(id)) throw invalidRequest('"id" must be a text');
  if (!isRecord(parameters)) throw invalidRequest('"parameters" must be an object');
  for (const name of Object.keys(parameters))
    if (!knownParameters.includes(name))
      throw invalidRequest(
        `"${name.slice(0, 100)}" is no parameter of a request for rows`,
        `There are: ${knownParameters.join(', ')}.`,
      );
  const { on_error: onError = 'refuse', text_numbers: textNumbers = false } = parameters;
  if (onError !== 'refuse' && onError !== 'skip')
    throw invalidRequest(`"on_error" must be "refuse" or "skip", is ${shown(onError)}`);
  if (typeof textNumbers !== 'boolean') throw invalidRequest('"text_numbers" must be true or false');
  const schedule = scheduleIn(parameters);
  return {
    id,
    schedule,
    skips: onError === 'skip',
    textNumbers,
    outputs: readOutputs(document.outputs, model),
  };
}

function readOutputs(asked: unknown, model: ModelInterface): readonly RequestedOutput[] {
  if (asked === undefined) return plainOutputs(model);
  if (!Array.isArray(asked) || asked.length === 0)
    throw invalidRequest('"outputs" must be a list of names', `There are: ${namesOf(model)}.`);
  const outputs: RequestedOutput[] = [];
  for (const name of asked as unknown[]) {
    if (!isText(name)) throw invalidRequest('each of "outputs" must be a name');
    outputs.push({ index: outputOf(model, name, outputs), binary: false });
  }
  return outputs;
}

const namesOf = ({ outputs }: ModelInterface): string => outputs.map(({ name }) => name).join(', ');

function standsTwice({ field, path }: DuplicateField, rows: unknown) {
  const [first, row] = path;
  const sent = Array.isArray(rows) ? rows.length : 1;
  const problem = 'stands twice';
  if (first === 'rows' && typeof row === 'number') return invalidRows(sent, 1, [{ row, field, problem }]);
  return invalidRequest(`"${field.slice(0, 100)}" stands twice`);
}

function tensorOf(
  { datatype }: TensorInterface,
  shape: readonly number[],
  values: readonly unknown[],
): Tensor {
  return { datatype, shape, data: dataOf(datatype, values) };
}

/** The values are of the datatype already. */
function dataOf(datatype: Tensor['datatype'], values: readonly unknown[]): TensorData {
  const { array, form } = factsOf(datatype);
  if (array === undefined) return values as string[];
  const data: NumericData = new array(values.length);
  for (let index = 0; index < data.length; index++) {
    const value = values[index];
    data[index] =
      form === 'big'
        ? BigInt(value as number | bigint)
        : form === 'half'
          ? numberToHalf(value as number)
          : Number(value);
  }
  return data;
}

function example(fields: readonly FieldPlan[]): string {
  const some = fields.slice(0, 3).map(({ field, datatype }) => `"${field}": ${someOf(datatype)}`);
  return `Send {"rows": [{${some.join(', ')}${fields.length > 3 ? ', …' : ''}}]}.`;
}

function someOf(datatype: string): string {
  if (datatype === 'BYTES') return '"…"';
  return datatype === 'BOOL' ? 'true' : '0';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
