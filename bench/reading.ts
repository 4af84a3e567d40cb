/** What it takes to read the numbers of a request: as JSON, as most servers do, and behind the JSON in binary. */
import { Announced } from '../plugins/serving/dataplane/http/gathering.ts';
import type { ModelInterface } from '../plugins/serving/dataplane/protocol/model-interface.ts';
import { readInferenceRequest } from '../plugins/serving/dataplane/protocol/request-reader.ts';
import { giveBack } from '../plugins/serving/dataplane/tensor/row-memory.ts';
import { type BenchReport, round } from './report.ts';

interface Reading {
  readonly elements: number;
  /** Microseconds a request. */
  readonly parsed: number;
  readonly json: number;
  readonly binary: number;
}

const sizes = [12, 784, 150_528];
/** Numbers of four digits behind the point, as measurements are sent. */
const numberAt = (index: number): number => Number((((index * 37) % 255) / 255).toFixed(4));

export function measureReading(milliseconds: number): { readonly table: Table; readonly targets: Targets } {
  const readings = sizes.map((elements) => readingOf(elements, milliseconds));
  return {
    table: {
      title: 'Reading the numbers of a request, microseconds of one core',
      columns: [
        'numbers',
        'JSON.parse to Float32Array',
        'JSON',
        'binary',
        'JSON.parse / binary',
        'JSON / binary',
      ],
      rows: readings.map(({ elements, parsed, json, binary }) => [
        elements,
        round(parsed),
        round(json),
        round(binary),
        round(parsed / binary),
        round(json / binary),
      ]),
    },
    targets: readings
      .filter(({ elements }) => elements === 784)
      .map(({ elements, json, binary }) => ({
        name: `reading ${elements} numbers: JSON against binary`,
        limit: '>= 15x',
        measured: `${round(json / binary)}x`,
        pass: json / binary >= 15,
      })),
  };
}

type Table = BenchReport['tables'][number];
type Targets = BenchReport['targets'];

function readingOf(elements: number, milliseconds: number): Reading {
  const input = { name: 'x', datatype: 'FP32', shape: [1, elements] } as const;
  const model = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, elements] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    batchable: true,
  } as const;
  const data = Array.from({ length: elements }, (_, index) => numberAt(index));
  const text = Buffer.from(JSON.stringify({ inputs: [{ ...input, data }] }));
  const bytes = Buffer.from(Float32Array.from(data).buffer);
  const head = Buffer.from(
    JSON.stringify({ inputs: [{ ...input, parameters: { binary_data_size: bytes.length } }] }),
  );
  // Where the server puts what comes in pieces.
  const gathering = new Announced(head.length + bytes.length, head.length);
  gathering.add(head);
  gathering.add(bytes);
  const binary = gathering.whole();
  return {
    elements,
    parsed: best(milliseconds, () => {
      const document = JSON.parse(text.toString('utf8')) as { inputs: [{ data: number[] }] };
      return Float32Array.from(document.inputs[0].data).length;
    }),
    json: best(milliseconds, () => read(text, undefined, model)),
    binary: best(milliseconds, () => read(binary, head.length, model)),
  };
}

/** As a server does that answers the request before the next: then it gives the memory back. */
function read(body: Buffer, jsonLength: number | undefined, model: ModelInterface): number {
  const { inputs } = readInferenceRequest(body, jsonLength, model);
  giveBack(inputs, []);
  return inputs[0]!.shape[1]!;
}

/** Of ten turns the best, microseconds a call: whatever else the machine does only adds. */
function best(milliseconds: number, read: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 10; turn++) {
    let calls = 0;
    const begin = performance.now();
    let elapsed = 0;
    while (elapsed < milliseconds / 10) {
      for (let index = 0; index < 10; index++) if (read() === 0) throw new Error('nothing was read');
      calls += 10;
      elapsed = performance.now() - begin;
    }
    least = Math.min(least, (elapsed * 1000) / calls);
  }
  return least;
}
