import { parseAllowedSigners, SignerFileError } from '../../libraries/git-signatures/ssh/index.ts';

/** An SSH public key as teams list them. */
export interface SshKey {
  /** `keytype base64`, without its comment. */
  readonly line: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

export interface KeyProblem {
  readonly code: 'MalformedKey' | 'UnsupportedKey';
  /** Never repeats the text of the key. */
  readonly message: string;
}

/** The smallest RSA key whose signatures are verified, in bits. */
const minModulusBits = 2048;

/** Reads a public key in the form of authorized_keys without options. What cannot sign a review is a problem. */
export function readSshKey(text: string): SshKey | KeyProblem {
  const [type = '', base64 = ''] = text.trim().split(/[ \t]+/);
  if (!/^(ssh|ecdsa|sk)-/.test(type) || /[\r\n]/.test(text.trim())) {
    return malformed('it must be one line that begins with the type of the key, such as ssh-ed25519');
  }
  const line = `${type} ${base64}`;
  try {
    const key = parseAllowedSigners(`somebody ${line}`).signers[0]?.listed.key;
    if (key === undefined) return unsupported(`keys of type ${type} are not supported`);
    if (key.certificate !== undefined) {
      return unsupported(
        'this is a certificate: list the authority that made it among certificateAuthorities',
      );
    }
    if (key.material.kind === 'rsa' && bitsOf(key.material.modulus) < minModulusBits) {
      return unsupported(`an RSA key needs ${minModulusBits} bits or more`);
    }
    return { line, fingerprint: key.fingerprint };
  } catch (thrown) {
    if (!(thrown instanceof SignerFileError)) throw thrown;
    return malformed(thrown.message.replace(/^line \d+: /, ''));
  }
}

/** Whether a text holds a private key, in whatever form: it must then not be shown anywhere. */
export function holdsPrivateKey(text: string): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-1/i.test(text);
}

function bitsOf(modulus: Uint8Array): number {
  return modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
}

function malformed(problem: string): KeyProblem {
  return { code: 'MalformedKey', message: `this is no SSH public key: ${problem}` };
}

function unsupported(message: string): KeyProblem {
  return { code: 'UnsupportedKey', message };
}
