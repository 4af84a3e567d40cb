import { noSigningKey, signingFailed, signingKeyLocked, signingKeyMissing } from './errors.ts';
import { GitError } from './git-error.ts';
import { personOf } from './person.ts';
import { runSigningProgram } from './signing-program.ts';
import { lastLines, type SigningPlace } from './ssh-signing.ts';

/** An OpenPGP key as Git's settings name it: by `user.signingKey`, or by the committer. */
export interface GpgKey {
  /** What `gpg --local-user` takes: an id, a fingerprint, `Name <email>`. */
  readonly name: string;
  readonly isConfigured: boolean;
}

/** Throws `IdentityMissing` where neither a key nor a committer is configured. */
export function findGpgKey({ config, environment }: SigningPlace): GpgKey {
  const configured = config.get('user.signingkey');
  if (configured !== undefined && configured !== '') {
    if (configured.startsWith('-')) throw signingKeyMissing(configured, 'it begins with a dash');
    return { name: configured, isConfigured: true };
  }
  const { name, email } = personOf(config, environment).committer;
  return { name: `${name} <${email}>`, isConfigured: false };
}

/** Signs as `git commit -S` does. */
export async function signWithGpg(key: GpgKey, payload: Uint8Array, place: SigningPlace): Promise<string> {
  const program = place.config.get('gpg.openpgp.program') ?? place.config.get('gpg.program') ?? 'gpg';
  const command = ['--status-fd=2', '-bsau', key.name];
  try {
    const result = await runSigningProgram({
      ...place,
      program,
      arguments: command,
      input: payload,
      // Its lines for programs are none for people; it asks by a window or screen of its own.
      tell: undefined,
    });
    const { status, stdout, stderr, timedOut } = result;
    if (status === 0 && /^\[GNUPG:\] SIG_CREATED /m.test(stderr)) return stdout;
    if (/No secret key|INV_SGNR/.test(stderr))
      throw key.isConfigured
        ? signingKeyMissing(key.name, 'GnuPG has no secret key of that name')
        : noSigningKey('openpgp');
    const isLocked = /Inappropriate ioctl|No pinentry|cancelled|Bad passphrase|No such device|Timeout/i.test(
      stderr,
    );
    if (isLocked || timedOut) throw signingKeyLocked(key.name, gpgHint);
    const complaint = stderr.replace(/^\[GNUPG:\].*$/gm, '');
    throw signingFailed(program, lastLines(complaint));
  } catch (error) {
    const isNobodys =
      error instanceof GitError && error.code === 'SigningProgramMissing' && !key.isConfigured;
    throw isNobodys ? noSigningKey('openpgp', error) : error;
  }
}

const gpgHint =
  'Unlock it first (gpg --sign something), or run this on a terminal with GPG_TTY set: export GPG_TTY=$(tty)';
