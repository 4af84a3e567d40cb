import { Option } from 'commander';
import { notARepository } from '../../libraries/git/errors.ts';
import { parseRemote } from '../../libraries/git/remote-url.ts';
import { type Configuration, misspeltVariables, readConfiguration } from '../../server/configuration.ts';
import { settings } from '../../server/configuration-schema.ts';
import { runSupervisor } from '../../server/supervisor/supervisor.ts';
import type { UpOptions } from '../commands/up.ts';
import { readableLogLine } from '../output/log-line.ts';
import { findRegistry } from '../registry-folder.ts';
import type { Terminal } from '../terminal.ts';
import { Announcer } from './announcer.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Runs the platform of a registry until it is told to stop, and answers the status to exit with. */
export async function runUp(
  repository: string | undefined,
  options: UpOptions,
  terminal: Terminal,
): Promise<number> {
  const configuration = await configurationFor(repository, options, terminal);
  warnAbout(configuration, terminal);
  const announcer = new Announcer(configuration, terminal);
  terminal.takeSignals();
  const stopping = () => announcer.stopping();
  for (const signal of signals) process.on(signal, stopping);
  try {
    return await runSupervisor({
      configuration,
      folder: terminal.folder,
      environment: terminal.environment,
      write: (line) => announcer.log(logLine(line, configuration, terminal)),
      onControl: (urls) => announcer.controlIsUp(urls),
    });
  } finally {
    for (const signal of signals) process.off(signal, stopping);
    announcer.close();
  }
}

async function configurationFor(
  repository: string | undefined,
  options: UpOptions,
  terminal: Terminal,
): Promise<Configuration> {
  const flags = Object.fromEntries(
    settings.flatMap(({ key, flag }) => {
      const value = flag && options[new Option(flag).attributeName()];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const file = typeof options.config === 'string' ? options.config : terminal.environment.SWITCHYARD_CONFIG;
  const sources = {
    environment: terminal.environment,
    folder: terminal.folder,
    file: file || undefined,
    terminal: terminal.errInteractive,
  };
  const first = await readConfiguration({ ...sources, flags: { ...flags, repository } });
  if (parseRemote(first.repository)) return first;
  // In a folder of the registry, its top is meant: one registry has one data folder.
  const top = await findRegistry(first.repository);
  if (top === undefined) throw notARepository(first.repository, 'neither it nor a folder above it holds one');
  return readConfiguration({ ...sources, flags: { ...flags, repository: top } });
}

function warnAbout(configuration: Configuration, terminal: Terminal): void {
  const { yellow } = terminal.errColours;
  const warn = (text: string) => terminal.err(`${yellow('warning:')} ${text}\n`);
  for (const [name, meant] of misspeltVariables(terminal.environment)) {
    warn(`the environment variable ${name} is not one of ours; did you mean ${meant}?`);
  }
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(configuration.host);
  if (!isLocal && !configuration.api.requireTokenForReads) {
    warn(
      `whoever reaches ${configuration.host} can read the status API; SWITCHYARD_API_TOKEN with api.requireTokenForReads closes it`,
    );
  }
}

function logLine(line: string, configuration: Configuration, terminal: Terminal): string {
  return configuration.log.format === 'json' ? line : readableLogLine(line, terminal.errColours);
}
