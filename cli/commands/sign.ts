import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { outputOption } from '../output-option.ts';

export interface SignOptions {
  readonly key: string;
  readonly passwordVariable?: string;
  readonly certificate?: readonly string[];
  readonly signature?: string;
  readonly ignore?: readonly string[];
  readonly allowSymlinks?: boolean;
  readonly output?: StructuredFormat;
}

export interface VerifyOptions {
  readonly signature?: string;
  readonly publicKey?: readonly string[];
  readonly authority?: readonly string[];
  readonly signer?: readonly string[];
  readonly ignore?: readonly string[];
  readonly ignoreUnsigned?: boolean;
  readonly output?: StructuredFormat;
}

const more = (word: string, words: readonly string[] = []) => [...words, word];

/** Adds `switchyard sign PATH…` and `switchyard verify PATH…`. */
export function addSign(program: Command, { terminal, act }: Context): void {
  program
    .command('sign')
    .description('sign models: files, or folders of files')
    .argument('<path...>', 'a file such as 1.1.0.onnx, or a folder')
    .requiredOption('--key <file>', 'the private key, in PEM: ECDSA on P-256, P-384 or P-521')
    .option('--password-variable <name>', 'the environment variable that holds its password')
    .option(
      '--certificate <file>',
      'the certificate of that key, in PEM; again, or in the same file, those that lead to an authority',
      more,
    )
    .option('--signature <file>', 'where the signature goes (default: PATH.sig)')
    .option('--ignore <path>', 'leave out a path below the folder; may be given again', more)
    .option('--allow-symlinks', 'follow symbolic links, rather than refuse them')
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      `
The signature is a bundle in the format of the OpenSSF (OMS), which the command model_signing of PyPI verifies, too. Files that belong to
Git are left out of a folder, and so is the signature itself.

Examples:
  openssl ecparam -genkey -name prime256v1 -noout -out release.pem
  openssl ec -in release.pem -pubout -out release.pub
  switchyard sign models/bird-strike/artifacts/1.1.0.onnx --key release.pem
  switchyard verify models/bird-strike/artifacts/1.1.0.onnx --public-key release.pub

Exit status: 0 when everything is signed, 1 where something cannot be.`,
    )
    .action(
      act(async (paths: readonly string[], options: SignOptions) => {
        const { runSign } = await import('../signing/run-sign.ts');
        return runSign(paths, options, terminal);
      }),
    );
  program
    .command('verify')
    .description('verify the signatures of models')
    .argument('<path...>', 'a file such as 1.1.0.onnx, or a folder')
    .option('--signature <file>', 'the signature (default: PATH.sig)')
    .option('--public-key <file>', 'a public key that is trusted, in PEM; may be given again', more)
    .option(
      '--authority <file>',
      'certificates of authorities that are trusted, in PEM; may be given again',
      more,
    )
    .option(
      '--signer <name>',
      'who of those that an authority knows counts: an e-mail address, a host or a URI',
      more,
    )
    .option('--ignore <path>', 'leave out a path below the folder; may be given again', more)
    .option('--ignore-unsigned', 'pass over files that were not signed')
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      `
Examples:
  switchyard verify models/bird-strike/artifacts/1.1.0.onnx --public-key release.pub
  switchyard verify my-model --signature my-model.sig --authority ca.pem --signer release@example.com

Exit status: 0 when all of it is what somebody trusted signed, 1 when anything is not.`,
    )
    .action(
      act(async (paths: readonly string[], options: VerifyOptions) => {
        const { runVerify } = await import('../signing/run-verify.ts');
        return runVerify(paths, options, terminal);
      }),
    );
}
