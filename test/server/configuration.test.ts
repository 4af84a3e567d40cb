import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SwitchyardError } from '../../core/errors.ts';
import {
  type ConfigurationSources,
  misspeltVariables,
  readConfiguration,
} from '../../server/configuration.ts';
import { configurationSchema, patternMeanings, settings } from '../../server/configuration-schema.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-configuration-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function read(sources: Partial<ConfigurationSources> = {}) {
  return readConfiguration({ flags: {}, environment: { HOME: folder }, folder, terminal: false, ...sources });
}

async function refused(sources: Partial<ConfigurationSources>): Promise<SwitchyardError> {
  const thrown = await read(sources).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SwitchyardError);
  return thrown as SwitchyardError;
}

describe('the operator configuration', () => {
  it('needs nothing: every setting has a default', async () => {
    const configuration = await read();
    expect(configuration).toMatchObject({
      repository: folder,
      reference: 'main',
      host: '127.0.0.1',
      inferencePort: 8080,
      apiPort: 8081,
      environments: [],
      intervalMs: 30_000,
      dryRun: false,
      log: { level: 'info', format: 'json' },
      plugins: {},
    });
    expect(configuration.dataFolder.startsWith(join(folder, '.local', 'share', 'switchyard'))).toBe(true);
  });

  it('writes fewer and friendlier log lines where a person reads them', async () => {
    expect((await read({ terminal: true })).log).toMatchObject({ level: 'warn', format: 'pretty' });
  });

  it('prefers a flag to a variable, a variable to the file, and the file to the default', async () => {
    await writeFile(
      join(folder, 'switchyard.config.yaml'),
      'apiPort: 1\ninferencePort: 1\nprocesses: 1\nlog:\n  level: error\n',
    );
    const environment = {
      HOME: folder,
      SWITCHYARD_API_PORT: '2',
      SWITCHYARD_INFERENCE_PORT: '2',
      SWITCHYARD_DRY_RUN: 'true',
    };
    const configuration = await read({ environment, flags: { apiPort: '3' } });
    expect(configuration).toMatchObject({
      apiPort: 3,
      inferencePort: 2,
      processes: 1,
      dryRun: true,
      log: { level: 'error', format: 'json' },
    });
  });

  it('takes environments from a repeated flag or from a variable with commas', async () => {
    expect((await read({ flags: { environments: ['staging', 'production'] } })).environments).toEqual([
      'staging',
      'production',
    ]);
    const environment = { HOME: folder, SWITCHYARD_ENVIRONMENTS: 'staging, production' };
    expect((await read({ environment })).environments).toEqual(['staging', 'production']);
  });

  it('keeps settings of plugins as they are', async () => {
    await writeFile(join(folder, 'mine.yaml'), 'plugins:\n  serving: { cacheBytes: 5 }\n');
    expect((await read({ file: 'mine.yaml' })).plugins).toEqual({ serving: { cacheBytes: 5 } });
  });

  it('looks for the code of a plugin beside the file that names it, wherever it is started', async () => {
    await mkdir(join(folder, 'etc'));
    const modules =
      'plugins:\n  own: { module: ./own/index.js }\n  other: { module: /opt/other.js, size: 1 }\n';
    await writeFile(join(folder, 'etc', 'operator.yaml'), modules);
    expect((await read({ file: 'etc/operator.yaml' })).plugins).toEqual({
      own: { module: join(folder, 'etc', 'own', 'index.js') },
      other: { module: '/opt/other.js', size: 1 },
    });
  });

  it('keeps one data folder for each registry, however its URL names the user', async () => {
    const named = (repository: string) =>
      read({ environment: { HOME: folder, SWITCHYARD_REPOSITORY: repository } });
    const plain = await named('https://git.example.com/ml/registry.git');
    const withUser = await named('https://me:secret@git.example.com/ml/registry.git');
    const other = await named('https://git.example.com/ml/other.git');
    expect(withUser.dataFolder).toBe(plain.dataFolder);
    expect(other.dataFolder).not.toBe(plain.dataFolder);
    expect(plain.dataFolder).toMatch(/registry-[0-9a-f]{10}$/);
  });

  it('names the flag that has a bad value', async () => {
    expect(await refused({ flags: { inferencePort: 'eighty' } })).toMatchObject({
      code: 'InvalidConfiguration',
      message: 'inferencePort must be a whole number, not "eighty"',
      where: 'flag --port',
    });
  });

  it('names the variable that has a bad value', async () => {
    const environment = { HOME: folder, SWITCHYARD_LOG_LEVEL: 'loud' };
    expect(await refused({ environment })).toMatchObject({
      code: 'InvalidConfiguration',
      where: 'environment variable SWITCHYARD_LOG_LEVEL',
      message: 'log.level must be one of debug, info, warn, error, silent, not "loud"',
    });
  });

  it('says what fits where a text has a form', async () => {
    const path = join(folder, 'switchyard.config.yaml');
    await writeFile(path, 'log:\n  access: some\n');
    expect(await refused({})).toMatchObject({
      message: 'log.access must be none, errors, all or a share such as 10%',
      where: `${path}:2:11`,
    });
    await writeFile(path, 'interval: soon\n');
    expect((await refused({})).message).toBe('interval must be a duration such as 30s or 5m');
  });

  it('has words for each form that a setting may have', () => {
    const patterns = settings.flatMap(({ schema }) => (schema.pattern === undefined ? [] : [schema.pattern]));
    expect(patterns.length).toBeGreaterThan(2);
    for (const pattern of patterns) expect(patternMeanings).toHaveProperty([String(pattern)]);
  });

  it('names the line of the file that has a bad value', async () => {
    const path = join(folder, 'switchyard.config.yaml');
    await writeFile(path, 'apiPort: 8081\ninferencePort: 70000\n');
    expect(await refused({})).toMatchObject({
      code: 'InvalidConfiguration',
      message: 'inferencePort must be at most 65535',
      where: `${path}:2:16`,
    });
  });

  it('says what was probably meant by a key that is no setting', async () => {
    const path = join(folder, 'switchyard.config.yaml');
    await writeFile(path, 'host: 0.0.0.0\nlog:\n  levle: info\n');
    expect(await refused({})).toMatchObject({
      message: 'log.levle is not a setting',
      where: `${path}:3:10`,
      hint: 'Did you mean log.level?',
    });
  });

  it('refuses broken YAML with its line', async () => {
    const path = join(folder, 'switchyard.config.yaml');
    await writeFile(path, 'host: "0.0.0.0\n');
    expect((await refused({})).where).toMatch(/switchyard\.config\.yaml:\d+:\d+$/);
  });

  it('refuses a file that was named and is not there, and does without one that was not', async () => {
    expect(await refused({ file: 'absent.yaml' })).toMatchObject({
      code: 'ConfigurationUnreadable',
      where: join(folder, 'absent.yaml'),
    });
    await expect(read()).resolves.toBeDefined();
  });

  it('is not misled by the variables that a cluster makes for a Service called switchyard-api', async () => {
    const environment = { HOME: folder, SWITCHYARD_API_PORT: 'tcp://10.96.0.7:8081' };
    expect((await read({ environment })).apiPort).toBe(8081);
  });

  it('points at variables that are probably misspelt, and at no others', () => {
    const found = misspeltVariables({
      SWITCHYARD_REFRENCE: 'main',
      SWITCHYARD_REFERENCE: 'main',
      SWITCHYARD_API_TOKEN: 'x',
      SWITCHYARD_SERVICE_HOST: '10.0.0.1',
      PATH: '/bin',
    });
    expect([...found]).toEqual([['SWITCHYARD_REFRENCE', 'SWITCHYARD_REFERENCE']]);
  });

  it('publishes a JSON Schema whose every setting is described and whose examples are valid', () => {
    const ajv = new Ajv({ strict: false });
    expect(ajv.validateSchema(configurationSchema)).toBe(true);
    for (const setting of settings) {
      expect(setting.schema.description, setting.key).toMatch(/\.$|`/);
      for (const example of setting.schema.examples as unknown[]) {
        expect(ajv.validate(setting.schema, example), setting.key).toBe(true);
      }
    }
  });
});

describe('what is told of traces and metrics', () => {
  const write = (text: string) => writeFile(join(folder, 'switchyard.config.yaml'), text);

  it('is nothing by default, and what OpenTelemetry calls it otherwise', async () => {
    expect(await read()).toMatchObject({ telemetry: {}, log: { requests: 'errors' } });
    await write(
      'log: { requests: all, slow: 500ms }\ntelemetry: { endpoint: "http://a:4318", sampler: traceidratio, samplerArgument: 0.1 }\n',
    );
    const environment = { HOME: folder, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318' };
    expect(await read({ environment })).toMatchObject({
      log: { requests: 'all', slowMs: 500 },
      telemetry: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318',
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.1',
      },
    });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG'],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_BSP_SCHEDULE_DELAY: 'soon' }, 'OTEL_BSP_SCHEDULE_DELAY'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ])('is refused where it cannot be understood: %j', async (environment, variable) => {
    const error = await refused({ environment: { HOME: folder, ...environment } });
    expect(error.code).toBe('InvalidConfiguration');
    expect(error.where).toBe(`environment variable ${variable}`);
  });
});
