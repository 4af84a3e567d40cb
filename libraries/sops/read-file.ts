import type { Node } from 'yaml';
import { SopsError } from './error.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import { encryptionOf } from './rules.ts';
import { type Format, leavesOf, type Path, parseTree, type Tree } from './tree.ts';
import { isCiphertext } from './value-cipher.ts';

/** What can be told of a file without a key. */
export interface EncryptedFile {
  readonly metadata: Metadata;
  /** How many the file has. */
  readonly documents: number;
  readonly values: readonly {
    readonly path: Path;
    /** Whether its rule wants it encrypted. */
    readonly isEncrypted: boolean;
    readonly isCiphertext: boolean;
    readonly isEmpty: boolean;
  }[];
}

export function isEncryptedFile(text: string, format: Format): boolean {
  try {
    return parseTree(text, format).documents[0]?.has('sops') === true;
  } catch {
    return false;
  }
}

/** Reads the form of an encrypted file, without a key. Throws `SopsError`; whether it was tampered with, only `openFile` tells. */
export function readFile(text: string, format: Format): EncryptedFile {
  const tree = parseTree(text, format);
  const metadata = takeMetadata(tree);
  const isEncrypted = encryptionOf(metadata.rule);
  const values = leavesOf(tree).flatMap(({ path, value }) =>
    value === undefined
      ? []
      : [
          {
            path,
            isEncrypted: isEncrypted(path),
            isCiphertext: isCiphertext(value.text),
            isEmpty: value.text === '',
          },
        ],
  );
  return { metadata, documents: tree.documents.length, values };
}

/** Takes what stands under `sops` out of a tree. Throws `SopsError`. */
export function takeMetadata({ documents }: Tree): Metadata {
  const [first] = documents;
  const node = first?.get('sops', true) as Node | undefined;
  if (first === undefined || node === undefined) {
    throw new SopsError('malformed', 'it has no metadata under `sops`: it is not encrypted');
  }
  const metadata = readMetadata(node.toJS(first));
  for (const document of documents) document.delete('sops');
  return metadata;
}
