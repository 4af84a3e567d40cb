import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const minute = 60_000;

/**
 * Installs packages of PyPI, as `pip install` takes them, into a new virtual environment. Tells why it cannot, where it cannot; printed, so
 * that a skip is seen.
 */
export async function whyNotInstalled(
  environment: string,
  packages: readonly string[],
): Promise<string | undefined> {
  const pip = ['install', '--quiet', '--no-input', '--disable-pip-version-check', '--retries', '1'];
  const steps: readonly (readonly [program: string, words: readonly string[], timeout: number])[] = [
    ['python3', ['-m', 'venv', environment], 1 * minute],
    [join(environment, 'bin', 'pip'), [...pip, '--timeout', '20', ...packages], 5 * minute],
  ];
  for (const [program, words, timeout] of steps) {
    try {
      await promisify(execFile)(program, words, { timeout });
    } catch (error) {
      const { killed, stderr, message } = error as Error & { killed?: boolean; stderr?: string };
      const said = killed ? `not done after ${timeout / minute} min` : stderr?.trim().split('\n').at(-1);
      const reason = `${packages.join(' ')} of PyPI cannot be installed here: ${said || message}`;
      console.warn(`skipped: ${reason}`);
      return reason;
    }
  }
  return undefined;
}
