import { Option } from 'commander';

/** `-o, --output <format>` with the formats that a verb knows. */
export function outputOption(
  formats: readonly string[],
  description = 'for programs instead of people',
): Option {
  return new Option('-o, --output <format>', description).choices([...formats]);
}

/** `--api <url>` of the verbs that ask a platform. */
export function apiOption(): Option {
  return new Option('--api <url>', 'the status API (default: SWITCHYARD_API, or what runs on this machine)');
}
