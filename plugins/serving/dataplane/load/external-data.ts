/**
 * Finds tensors of an ONNX model that keep their data in another file. The runtime would open any path that such a
 * tensor names, so a model with one is refused before a session is made from it.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { externalDataRefused, invalidModel } from '../errors/load-errors.ts';

/** Throws `ExternalData` where the model refers to other files, `InvalidModel` where it cannot be read at all. */
export function refuseExternalData(model: Uint8Array): void {
  try {
    walk(new BinaryReader(model), messages.model!, model.length, 0);
  } catch (error) {
    if (error instanceof ExternalTensor) throw externalDataRefused(error.tensor);
    throw invalidModel('it is not an ONNX file, or it is cut short', error);
  }
}

/** For each message of ONNX, the fields on the way to a tensor. */
type Fields = Readonly<Record<number, string>>;

const messages: Readonly<Record<string, Fields>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
};

const deepest = 100;
const tensorName = 8;
const externalData = 13;
const dataLocation = 14;

class ExternalTensor extends Error {
  readonly tensor: string;
  constructor(tensor: string) {
    super(tensor);
    this.tensor = tensor;
  }
}

function walk(reader: BinaryReader, fields: Fields, end: number, depth: number): void {
  if (depth > deepest) throw new RangeError('nested too deep');
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    const message = fields[field];
    if (message === undefined || wireType !== WireType.LengthDelimited) {
      reader.skip(wireType, field);
      continue;
    }
    const length = reader.uint32();
    const inner = reader.pos + length;
    if (inner > end) throw new RangeError('cut short');
    if (message === 'tensor') inspectTensor(reader, inner);
    else walk(reader, messages[message]!, inner, depth + 1);
  }
  if (reader.pos !== end) throw new RangeError('cut short');
}

function inspectTensor(reader: BinaryReader, end: number): void {
  let name = '';
  let external = false;
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    if (field === tensorName && wireType === WireType.LengthDelimited) {
      name = reader.string();
    } else if (field === dataLocation && wireType === WireType.Varint) {
      const location = reader.int32();
      if (location === 1) external = true;
    } else {
      if (field === externalData) external = true;
      reader.skip(wireType, field);
    }
  }
  if (reader.pos !== end) throw new RangeError('cut short');
  if (external) throw new ExternalTensor(name);
}
