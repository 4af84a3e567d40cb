/** Joins the rows of several requests along axis 0, and hands the answers back to each. */
import { factsOf, type NumericData, type TensorData } from '../tensor/datatypes.ts';
import { elementsOf, type Tensor } from '../tensor/tensor.ts';

/** The rows that all inputs of a request agree on; undefined where they do not, or have none. */
export function rowsOf(inputs: readonly Tensor[]): number | undefined {
  const rows = inputs[0]?.shape[0];
  for (const input of inputs) {
    if (input.shape[0] !== rows) return undefined;
  }
  return rows;
}

/** Requests with the same key can be joined: all dimensions but the first agree. */
export function companyKey(inputs: readonly Tensor[]): string {
  let key = '';
  for (const input of inputs) {
    for (let axis = 1; axis < input.shape.length; axis++) key += `${input.shape[axis]},`;
    key += ';';
  }
  return key;
}

export interface JoinedRows {
  readonly inputs: readonly Tensor[];
  /** Whether the memory of all of them is theirs alone. */
  readonly isCopy: boolean;
}

/**
 * One request of all the rows, in order. The requests have the same `companyKey`. Rows that lie side by side in memory
 * already are not copied.
 */
export function joinRows(requests: readonly (readonly Tensor[])[]): JoinedRows {
  if (requests.length === 1) return { inputs: requests[0]!, isCopy: false };
  let isCopy = true;
  const inputs = requests[0]!.map((first, position) => {
    let rows = 0;
    let elements = 0;
    for (const request of requests) {
      const tensor = request[position]!;
      rows += tensor.shape[0]!;
      elements += tensor.data.length;
    }
    const shape = [rows, ...first.shape.slice(1)];
    const { datatype } = first;
    const { array } = factsOf(datatype);
    if (array === undefined) {
      return { datatype, shape, data: requests.flatMap((request) => request[position]!.data as string[]) };
    }
    const { buffer, byteOffset } = first.data as NumericData;
    if (areSideBySide(requests, position)) {
      isCopy = false;
      return { datatype, shape, data: new array(buffer, byteOffset, elements) };
    }
    const data: NumericData = new array(elements);
    let offset = 0;
    for (const request of requests) {
      const part = request[position]!.data as Float32Array;
      data.set(part as never, offset);
      offset += part.length;
    }
    return { datatype, shape, data };
  });
  return { inputs, isCopy };
}

/** Whether each begins where the one before ends. */
function areSideBySide(requests: readonly (readonly Tensor[])[], position: number): boolean {
  const first = requests[0]![position]!.data as NumericData;
  const { buffer } = first;
  let end = first.byteOffset + first.byteLength;
  for (let index = 1; index < requests.length; index++) {
    const data = requests[index]![position]!.data as NumericData;
    if (data.buffer !== buffer || data.byteOffset !== end) return false;
    end += data.byteLength;
  }
  return true;
}

/** The outputs of each request, as views of the joined ones; undefined where the model did not keep the rows. */
export function splitRows(outputs: readonly Tensor[], rows: readonly number[]): Tensor[][] | undefined {
  let total = 0;
  for (const count of rows) total += count;
  for (const output of outputs) {
    if (output.shape[0] !== total) return undefined;
  }
  const parts: Tensor[][] = rows.map(() => new Array(outputs.length));
  for (let position = 0; position < outputs.length; position++) {
    const output = outputs[position]!;
    const inner = output.shape.slice(1);
    const width = elementsOf(inner);
    let offset = 0;
    for (let index = 0; index < rows.length; index++) {
      const count = rows[index]!;
      const end = offset + count * width;
      parts[index]![position] = {
        datatype: output.datatype,
        shape: [count, ...inner],
        data: part(output.data, offset, end),
      };
      offset = end;
    }
  }
  return parts;
}

function part(data: TensorData, start: number, end: number): TensorData {
  return Array.isArray(data) ? data.slice(start, end) : data.subarray(start, end);
}
