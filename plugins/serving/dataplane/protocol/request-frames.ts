/**
 * The bytes around the data of requests. Most clients send one request after the other that differ in nothing but the
 * numbers, so the rest is parsed and checked once: a request with the same bytes around its data means the same.
 */
import { decodeBinary, isAnyBytes } from '../tensor/binary.ts';
import { type DatatypeFacts, factsOf } from '../tensor/datatypes.ts';
import { hasRoomFor, isReadable, readNumbers } from '../tensor/number-array.ts';
import { giveBack, type RowMemory } from '../tensor/row-memory.ts';
import { elementsOf, type Tensor } from '../tensor/tensor.ts';
import type { InferenceRequest } from './inference-request.ts';
import { liftArrays, type Span } from './lifted-arrays.ts';
import type { ModelInterface } from './model-interface.ts';

/** What lies between two literals, or behind them all: the data of one input. */
interface Slot {
  /** Position among the model's inputs. */
  readonly index: number;
  readonly facts: DatatypeFacts;
  readonly shape: readonly number[];
  readonly elements: number;
  /** Bytes behind the JSON, as many as its elements take; undefined where it is an array in it. */
  readonly binarySize: number | undefined;
}

interface Frame {
  /** The JSON before, between and behind its arrays: one more than there are. */
  readonly literals: readonly Buffer[];
  /** In the order of the JSON. */
  readonly arrays: readonly Slot[];
  /** In the order of the bytes behind the JSON. */
  readonly binary: readonly Slot[];
  readonly binarySize: number;
  readonly id: string | undefined;
  readonly schedule: InferenceRequest['schedule'];
  readonly outputs: InferenceRequest['outputs'];
}

/** As many as clients with as many numbers of rows are likely to take turns. */
const mostFrames = 4;
const longestFrame = 4 * 1024;
/** Learning parses once more. After the first requests, only one in so many that fit no frame is learned from. */
const learningTurn = 64;

export class RequestFrames {
  readonly #model: ModelInterface;
  /** The latest last. */
  readonly #frames: Frame[] = [];
  #unframed = 0;

  constructor(model: ModelInterface) {
    this.#model = model;
  }

  /**
   * The request, where it fits a frame; undefined where it fits none or something in it is wrong, which parsing then finds.
   * Throws `InvalidTensor` for binary data that is not of its datatype.
   */
  read(
    body: Buffer,
    jsonLength: number | undefined,
    memories: readonly RowMemory[],
  ): InferenceRequest | undefined {
    for (let index = this.#frames.length - 1; index >= 0; index--) {
      const request = readFramed(this.#frames[index]!, body, jsonLength, this.#model, memories);
      if (request !== undefined) return request;
    }
    return undefined;
  }

  /** Remembers what is around the data of a request that was parsed and found right. */
  learn(
    body: Buffer,
    jsonLength: number | undefined,
    request: InferenceRequest,
    memories: readonly RowMemory[],
  ): void {
    const turn = this.#unframed++;
    if (turn >= mostFrames && turn % learningTurn !== 0) return;
    const frame = frameOf(body.subarray(0, jsonLength), this.#model, request);
    if (frame === undefined) return;
    // Numbers that are right, but not for reading them directly, would make a frame that never fits.
    const again = readFramed(frame, body, jsonLength, this.#model, memories);
    if (again === undefined) return;
    giveBack(again.inputs, []);
    if (this.#frames.length === mostFrames) this.#frames.shift();
    this.#frames.push(frame);
  }
}

function readFramed(
  frame: Frame,
  body: Buffer,
  jsonLength: number | undefined,
  model: ModelInterface,
  memories: readonly RowMemory[],
): InferenceRequest | undefined {
  const jsonEnd = jsonLength ?? body.length;
  if (jsonEnd + frame.binarySize !== body.length) return undefined;
  const inputs: Tensor[] = new Array(model.inputs.length);
  if (!readArrays(frame, body, jsonEnd, memories, inputs)) {
    giveBack(Object.values(inputs), []);
    return undefined;
  }
  let at = jsonEnd;
  for (const { index, facts, shape, elements, binarySize: size } of frame.binary) {
    const end = at + size!;
    const data = isAnyBytes(facts)
      ? memories[index]!.copy(facts, body, at, end)
      : decodeBinary(
          body.subarray(at, end),
          facts.datatype,
          elements,
          `input "${model.inputs[index]!.name}"`,
          memories[index]!,
        );
    at = end;
    inputs[index] = { datatype: facts.datatype, shape, data };
  }
  const { id, schedule, outputs } = frame;
  return { id, schedule, inputs, outputs };
}

/** Whether the JSON is what the frame says, with right numbers in its arrays, which then are among `inputs`. */
function readArrays(
  { literals, arrays }: Frame,
  body: Buffer,
  jsonEnd: number,
  memories: readonly RowMemory[],
  inputs: Tensor[],
): boolean {
  let at = 0;
  for (let position = 0; position < literals.length; position++) {
    const literal = literals[position]!;
    if (!holds(body, at, jsonEnd, literal)) return false;
    at += literal.length;
    if (position === arrays.length) break;
    const { index, facts, shape, elements } = arrays[position]!;
    if (!hasRoomFor(elements, at, jsonEnd)) return false;
    const data = memories[index]!.take(facts, elements);
    inputs[index] = { datatype: facts.datatype, shape, data };
    at = readNumbers(body, at, facts, data);
    if (at < 0) return false;
  }
  return at === jsonEnd;
}

/** Four bytes at a time: it takes two thirds of what one at a time takes, and no more than a call into the system. */
function holds(body: Buffer, start: number, end: number, literal: Buffer): boolean {
  const { length } = literal;
  if (start + length > end) return false;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    const at = start + index;
    const difference =
      (body[at]! ^ literal[index]!) |
      (body[at + 1]! ^ literal[index + 1]!) |
      (body[at + 2]! ^ literal[index + 2]!) |
      (body[at + 3]! ^ literal[index + 3]!);
    if (difference !== 0) return false;
  }
  for (; index < length; index++) if (body[start + index] !== literal[index]) return false;
  return true;
}

/**
 * The frame of a request that is right. Undefined where its data is not all binary or flat arrays of numbers that are
 * read directly, or where the JSON holds such an array that is no input's data.
 */
function frameOf(json: Buffer, model: ModelInterface, request: InferenceRequest): Frame | undefined {
  const lifted = liftArrays(json, 0);
  const spans = lifted?.spans ?? [];
  let length = json.length;
  for (const span of spans) {
    if (!isFlat(json, span)) return undefined;
    length -= span.end - span.start;
  }
  if (length > longestFrame) return undefined;
  const { inputs: entries } = JSON.parse(lifted?.text ?? json.toString('utf8')) as { inputs: Entry[] };
  const arrays: Slot[] = new Array(spans.length);
  const binary: Slot[] = [];
  for (const { name, data, parameters } of entries) {
    const index = model.inputs.findIndex((input) => input.name === name);
    const { datatype, shape } = request.inputs[index]!;
    const slot = { index, facts: factsOf(datatype), shape, elements: elementsOf(shape) };
    const span = lifted?.spanOf(data);
    if (span !== undefined && isReadable(datatype)) {
      arrays[spans.indexOf(span)] = { ...slot, binarySize: undefined };
    } else if (data === undefined) {
      binary.push({ ...slot, binarySize: parameters!.binary_data_size });
    } else return undefined;
  }
  if (arrays.includes(undefined as never)) return undefined;
  const literals: Buffer[] = [];
  let copied = 0;
  for (const { start, end } of spans) {
    literals.push(Buffer.from(json.subarray(copied, start)));
    copied = end;
  }
  literals.push(Buffer.from(json.subarray(copied)));
  let binarySize = 0;
  for (const slot of binary) binarySize += slot.binarySize!;
  return {
    literals,
    arrays,
    binary,
    binarySize,
    id: request.id,
    schedule: request.schedule,
    outputs: request.outputs,
  };
}

/** Whether an array holds no text, no array and no object, so that it ends where it seems to. */
function isFlat(json: Buffer, { start, end }: Span): boolean {
  for (let at = start + 1; at < end; at++) {
    const byte = json[at]!;
    if (byte === 0x22 || byte === 0x5b || byte === 0x7b) return false;
  }
  return true;
}

/** An input in a request that was found right. */
interface Entry {
  readonly name: string;
  readonly data?: unknown;
  readonly parameters?: { readonly binary_data_size: number };
}
