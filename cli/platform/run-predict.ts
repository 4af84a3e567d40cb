import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { connect } from '../client/api.ts';
import {
  type InferenceTarget,
  type ModelMetadata,
  modelUrl,
  type Prediction,
  predict,
  readMetadata,
} from '../client/inference.ts';
import { tensorsFrom } from '../client/input-pairs.ts';
import { loadPreview } from '../client/preview.ts';
import { serverAddress } from '../client/server-address.ts';
import type { PredictOptions } from '../commands/predict.ts';
import { fileUnreadable, invalidPrediction, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import { table } from '../output/table.ts';
import { headersGiven } from '../predicting/request-headers.ts';
import { isForRows, runPredictRows } from '../predicting/run-predict-rows.ts';
import { oneLine, type Terminal } from '../terminal.ts';

/** Asks a deployment for a prediction. */
export async function runPredict(
  deployment: string,
  options: PredictOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.async === true) {
    const { submitJob } = await import('../jobs/submit-job.ts');
    return submitJob(deployment, options, terminal);
  }
  const headers = await headersGiven(options, terminal);
  const target: InferenceTarget =
    options.proposal === undefined
      ? {
          server: await inferenceServer(options, terminal),
          deployment,
          environment: options.environment,
          version: options.version,
          headers,
        }
      : await previewTarget(options.proposal, deployment, options, headers, terminal);
  if (options.file !== undefined) {
    if (options.data !== undefined || options.input.length > 0 || options.inputs)
      throw usageError('--file excludes --data, --input and --inputs', 'Give the rows in one way.');
    const { runPredictFile } = await import('../predicting/run-predict-file.ts');
    return runPredictFile(target, options, terminal);
  }
  if (options.inputs) {
    const model = await readMetadata(target, terminal.signal);
    terminal.out(
      options.output ? structured(model, options.output) : describeModel(model, target, options, terminal),
    );
    return exitCodes.success;
  }
  const { body, text } = await requestBody(options, target, terminal);
  if (text !== undefined && isForRows(body)) return runPredictRows(target, text, options.output, terminal);
  const asking = predict(target, body, terminal.signal);
  const prediction = await withProgress(terminal, `waiting for ${deployment}`, asking);
  terminal.out(
    options.output
      ? structured(forPrograms(prediction), options.output)
      : forPeople(prediction, target, terminal),
  );
  return exitCodes.success;
}

async function inferenceServer(options: PredictOptions, terminal: Terminal): Promise<string> {
  const { server } = options;
  const named = server || terminal.environment.SWITCHYARD_INFERENCE;
  if (named)
    return serverAddress(named, `the address ${server ? 'given by --server' : 'in SWITCHYARD_INFERENCE'}`);
  const api = await connect({ api: options.api }, terminal);
  if (api.inference) return api.inference;
  // A platform elsewhere: by convention, inference answers one port below the API of the same host.
  const url = new URL(api.url);
  url.port = '8080';
  return url.origin;
}

/** Loads the preview of a proposal and waits for it. */
async function previewTarget(
  proposal: string,
  deployment: string,
  options: PredictOptions,
  headers: InferenceTarget['headers'],
  terminal: Terminal,
): Promise<InferenceTarget> {
  if (!/^[1-9]\d{0,14}$/.test(proposal))
    throw usageError(`--proposal is a number, not ${proposal}`, 'See them with: switchyard proposals.');
  if (options.environment !== undefined || options.server !== undefined)
    throw usageError(
      '--proposal excludes --environment and --server',
      'A preview stands in no environment, and answers at the status API.',
    );
  const api = await connect({ api: options.api }, terminal);
  await withProgress(terminal, `loading proposal ${proposal}`, loadPreview(api, proposal, terminal.signal));
  const token = terminal.environment.SWITCHYARD_API_TOKEN;
  return {
    server: `${api.url}/proposals/${proposal}`,
    deployment,
    version: options.version,
    headers: token ? { authorization: `Bearer ${token}`, ...headers } : headers,
  };
}

async function requestBody(
  options: PredictOptions,
  target: InferenceTarget,
  terminal: Terminal,
): Promise<{ readonly body: unknown; readonly text?: string }> {
  if (options.data !== undefined && options.input.length > 0) {
    throw usageError('--data and --input exclude each other', 'Give the request whole, or input by input.');
  }
  if (options.data !== undefined) {
    const text = await readData(options.data, terminal);
    return { body: parseBody(text, options.data), text };
  }
  if (options.input.length > 0) {
    return { body: { inputs: tensorsFrom(options.input, await readMetadata(target, terminal.signal)) } };
  }
  // Whether there is such a deployment matters more than what to send to it.
  await readMetadata(target, terminal.signal);
  throw usageError(
    'there is nothing to predict from',
    `Give --data or --input; see what it takes with: ${commandOf(target, options)} --inputs.`,
  );
}

async function readData(data: string, terminal: Terminal): Promise<string> {
  if (data === '-') return terminal.readInput();
  if (!data.startsWith('@')) return data;
  const path = resolve(terminal.folder, data.slice(1));
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw fileUnreadable(path, error);
  });
}

function parseBody(text: string, data: string): unknown {
  const where = data === '-' ? 'standard input' : data.startsWith('@') ? data.slice(1) : '--data';
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidPrediction(
      `the request is not valid JSON: ${(error as Error).message}`,
      'An Open Inference request looks like {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [0]}]}.',
      where,
    );
  }
}

function forPrograms(prediction: Prediction): unknown {
  return {
    ...prediction.response,
    model_version: prediction.version,
    commit: prediction.commit,
    prediction_id: prediction.predictionId,
  };
}

function forPeople(prediction: Prediction, target: InferenceTarget, terminal: Terminal): string {
  const { bold, dim } = terminal.colours;
  const { response } = prediction;
  const about = table(
    [],
    [
      [dim('answered by'), bold(`${response.model_name} ${prediction.version ?? '?'}`)],
      ...(target.environment ? [[dim('environment'), target.environment]] : []),
      [dim('commit'), prediction.commit?.slice(0, 10) ?? 'unknown'],
      [dim('prediction'), prediction.predictionId ?? 'unknown'],
    ],
    { width: terminal.width },
  );
  const rows = Math.max(...response.outputs.map((output) => output.shape[0] ?? 1), 0);
  const shown = Math.min(rows, 50);
  const titles = ['ROW', ...response.outputs.map((output) => output.name.toUpperCase())];
  const lines = Array.from({ length: shown }, (_, row) => [
    String(row + 1),
    ...response.outputs.map((output) => {
      const size = output.data.length / (output.shape[0] ?? 1);
      const values = output.data.slice(row * size, row * size + Math.min(size, 8)).map(value);
      return size > 8 ? `${values.join(', ')}, … (${size})` : values.join(', ');
    }),
  ]);
  const more = rows > shown ? dim(`… and ${rows - shown} more rows: -o json shows them all\n`) : '';
  return `${about}\n${table(titles, lines, { width: terminal.width, header: dim })}${more}`;
}

function value(raw: unknown): string {
  if (typeof raw === 'number' && !Number.isInteger(raw)) return String(Number(raw.toPrecision(6)));
  return oneLine(String(raw));
}

function describeModel(
  model: ModelMetadata,
  target: InferenceTarget,
  options: PredictOptions,
  terminal: Terminal,
): string {
  const { bold, dim } = terminal.colours;
  const tensors = (list: ModelMetadata['inputs']) =>
    table(
      ['NAME', 'DATATYPE', 'SHAPE'],
      list.map((tensor) => [tensor.name, tensor.datatype, `[${tensor.shape.join(', ')}]`]),
      { width: terminal.width, header: dim },
    );
  const example = model.inputs.map((input) => `-i ${input.name}=…`).join(' ');
  return [
    `${bold(model.name)} ${dim(`versions ${model.versions?.join(', ') ?? 'unknown'}`)}`,
    `\n${bold('Inputs')}\n${tensors(model.inputs)}`,
    `${bold('Outputs')}\n${tensors(model.outputs)}`,
    dim(`Ask it: ${commandOf(target, options)} ${example}`),
    dim(`or POST ${modelUrl(target)}/infer\n`),
  ].join('\n');
}

/** The command line that asks the same again, but for its inputs. */
function commandOf(
  { deployment, environment, version }: InferenceTarget,
  { proposal }: PredictOptions,
): string {
  const flags = { '-e': environment, '--version': version, '--proposal': proposal };
  const said = Object.entries(flags).flatMap(([flag, word]) => (word === undefined ? [] : [flag, word]));
  return ['switchyard predict', deployment, ...said].join(' ');
}
