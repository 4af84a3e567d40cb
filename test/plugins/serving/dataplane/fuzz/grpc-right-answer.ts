/** What models that answer with their input have to answer, by another reading of the same message. */
import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { reflectedFiles } from '../../../../../plugins/serving/dataplane/grpc/reflected-files.ts';
import { definition } from './grpc-question.ts';

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly bigint[];
  readonly contents?: Readonly<Record<string, readonly unknown[]>>;
}

interface Asked {
  readonly modelName: string;
  readonly id: string;
  readonly inputs: readonly Tensor[];
  readonly rawInputContents: readonly Uint8Array[];
}

interface Answered {
  readonly modelName: string;
  readonly id: string;
  readonly outputs: readonly Tensor[];
  readonly rawOutputContents: readonly Uint8Array[];
}

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [...reflectedFiles(definition)] }),
);
const read = (name: string, bytes: Uint8Array): unknown =>
  fromBinary(registry.getMessage(`inference.${name}`)!, bytes);

const fields: Readonly<Record<string, string>> = {
  FP32: 'fp32Contents',
  INT64: 'int64Contents',
  BOOL: 'boolContents',
  BYTES: 'bytesContents',
};

/** What is wrong with an answer; undefined where nothing is. */
export function wrongIn(message: Buffer, answer: Buffer): string | undefined {
  const asked = read('ModelInferRequest', message) as Asked;
  const answered = read('ModelInferResponse', answer) as Answered;
  if (answered.modelName !== asked.modelName) return `the model ${answered.modelName}`;
  if (answered.id !== asked.id) return `the id ${answered.id} in place of ${asked.id}`;
  const [input] = asked.inputs;
  const [output] = answered.outputs;
  if (input === undefined || output === undefined) return 'no tensor';
  const given = elementsIn(input, asked.rawInputContents[0]);
  const wanted = asked.modelName === 'linear' ? given.map((x) => Math.fround(2 * Number(x) + 1)) : given;
  const got = elementsIn(output, answered.rawOutputContents[0]);
  const [one, other] = [wanted, got].map((list) => list.map(shown).join());
  return one === other ? undefined : `${other} in place of ${one}`;
}

const shown = (value: unknown): string => (Object.is(value, -0) ? '-0' : String(value));

function elementsIn({ datatype, contents }: Tensor, raw: Uint8Array | undefined): readonly unknown[] {
  if (raw === undefined) {
    const values = contents?.[fields[datatype]!] ?? [];
    return datatype === 'BYTES' ? values.map((text) => Buffer.from(text as Uint8Array).toString()) : values;
  }
  const { buffer } = Uint8Array.from(raw);
  if (datatype === 'FP32') return [...new Float32Array(buffer)];
  if (datatype === 'INT64') return [...new BigInt64Array(buffer)];
  if (datatype === 'BOOL') return [...raw].map((byte) => byte === 1);
  const bytes = Buffer.from(raw);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    texts.push(bytes.subarray(at + 4, end).toString());
    at = end;
  }
  return texts;
}
