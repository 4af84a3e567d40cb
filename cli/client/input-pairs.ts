import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { invalidPrediction } from '../errors.ts';
import type { ModelMetadata, Tensor, TensorMetadata } from './inference.ts';

/**
 * Inputs as typed on a command line (`name=value[,value]`, or `name=[…]` as JSON where a value holds a comma), as tensors
 * of the types that the model takes. Throws `InvalidPrediction`, which names the input.
 */
export function tensorsFrom(pairs: readonly string[], model: ModelMetadata): readonly Tensor[] {
  const given = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw invalidPrediction(`"${pair}" is no input`, 'Write it as name=value: --input speed_knots=140.');
    given.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const names = model.inputs.map((input) => input.name);
  for (const name of given.keys()) {
    if (names.includes(name)) continue;
    throw invalidPrediction(
      `${model.name} has no input called ${name}`,
      didYouMean(name, names) ?? 'It takes none.',
    );
  }
  const missing = names.filter((name) => !given.has(name));
  if (missing.length > 0) {
    throw invalidPrediction(
      `${missing.length === 1 ? 'an input is' : `${missing.length} inputs are`} missing: ${missing.join(', ')}`,
      `Add ${missing.map((name) => `--input ${name}=…`).join(' ')}.`,
    );
  }
  const tensors = model.inputs.map((input) => tensorFrom(input, given.get(input.name) ?? ''));
  const rows = new Set(tensors.map((tensor) => tensor.shape[0]));
  if (rows.size > 1) {
    const counts = tensors.map((tensor) => `${tensor.name} ${tensor.shape[0]}`).join(', ');
    throw invalidPrediction(
      `the inputs have different numbers of rows: ${counts}`,
      'Give each as many values.',
    );
  }
  return tensors;
}

function tensorFrom(input: TensorMetadata, text: string): Tensor {
  const values = valuesFrom(input, text).map((value) => typed(input, value));
  return { name: input.name, datatype: input.datatype, shape: shapeFor(input, values.length), data: values };
}

function valuesFrom(input: TensorMetadata, text: string): unknown[] {
  if (!text.startsWith('[')) return text.split(',');
  try {
    return (JSON.parse(text) as unknown[]).flat(8);
  } catch (error) {
    throw invalidPrediction(
      `${input.name} is not valid JSON: ${(error as Error).message}`,
      'Write it as ["a","b"].',
    );
  }
}

function typed(input: TensorMetadata, value: unknown): unknown {
  const text = String(value).trim();
  const refuse = (wanted: string) =>
    invalidPrediction(
      `${input.name} takes ${wanted}, not "${text}"`,
      'Separate values by commas; write text that holds a comma as JSON: name=["a, b"].',
    );
  if (input.datatype === 'BYTES') return typeof value === 'string' ? value : text;
  if (input.datatype === 'BOOL') {
    if (['true', '1'].includes(text)) return true;
    if (['false', '0'].includes(text)) return false;
    throw refuse('true or false');
  }
  const isWhole = /^U?INT/.test(input.datatype);
  if (!(isWhole ? /^[-+]?\d+$/ : /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i).test(text)) {
    throw refuse(isWhole ? 'whole numbers' : 'numbers');
  }
  return Number(text);
}

/** One dimension may vary: it takes what the values leave. */
function shapeFor(input: TensorMetadata, count: number): number[] {
  const fixed = input.shape.filter((size) => size >= 0).reduce((product, size) => product * size, 1);
  const isOpen = input.shape.some((size) => size < 0);
  if (isOpen ? count % fixed !== 0 || count === 0 : count !== fixed) {
    throw invalidPrediction(
      `${input.name} has ${count} values, which do not fill its shape [${input.shape.join(', ')}]`,
      `Give ${isOpen ? `a multiple of ${fixed}` : fixed} values.`,
    );
  }
  let open = count / fixed;
  return input.shape.map((size) => {
    if (size >= 0) return size;
    const taken = open;
    open = 1;
    return taken;
  });
}
