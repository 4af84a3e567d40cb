import { createHash } from 'node:crypto';
import type { AttachmentRequest, Finding, Resource } from '../../core/plugin.ts';
import { parsePointer } from '../../libraries/git-lfs/index.ts';
import { isFile, pathOfUri } from '../../libraries/manifest-path/index.ts';

/** The file of the registry that a URI means, as the kind asks for it; none for a URI that leads elsewhere. */
export function attachmentOfUri(
  resource: Resource,
  uri: string,
  pointer: string,
): readonly AttachmentRequest[] {
  const path = pathOfUri(resource, uri);
  return path === undefined ? [] : [{ path, pointer, read: 'short' }];
}

/** What is wrong with a URI. The message never repeats it: it may hold a password. */
export function uriFindings(resource: Resource, uri: string, pointer: string): readonly Finding[] {
  if (isFile(uri)) {
    if (pathOfUri(resource, uri) !== undefined) return [];
    return [
      {
        code: 'InvalidUri',
        pointer,
        message: 'this file: URI names no file in the registry',
        hint: 'Write file: and a path from the manifest, such as file:1.0.0.onnx, or from the root, such as file:/models/1.0.0.onnx.',
      },
    ];
  }
  if (/^s3:/.test(uri)) return s3Findings(uri, pointer);
  if (!/^https?:/.test(uri)) return [];
  const url = urlOf(uri);
  if (url === undefined) {
    return [
      { code: 'InvalidUri', pointer, message: 'this is not a URL', hint: 'Write it as https://host/path.' },
    ];
  }
  if (url.username === '' && url.password === '') return [];
  return [
    {
      code: 'CredentialsInUri',
      pointer,
      message: `the URL of ${url.host} holds credentials, which everyone who reads the registry would see`,
      hint: "Remove them here, change them there, and give them to this process in the operator's configuration.",
    },
  ];
}

function s3Findings(uri: string, pointer: string): readonly Finding[] {
  const [, bucket = '', key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(uri) ?? [];
  const steps = key.split('/');
  if (bucket !== '' && !steps.includes('.') && !steps.includes('..')) return [];
  return [
    {
      code: 'InvalidUri',
      pointer,
      message: 'this s3: URI names no object in a bucket',
      hint: 'Write s3://, the bucket, a slash and the key, such as s3://models/bird-strike/1.0.0.onnx; never credentials.',
    },
  ];
}

/** A declared file that is another one: shown before the commit is applied. */
export function fileFindings(
  resource: Resource,
  file: { readonly uri: string; readonly size: number; readonly digest: string },
  pointer: string,
): readonly Finding[] {
  const path = pathOfUri(resource, file.uri);
  const attachment = resource.attachments.find((one) => one.path === path);
  if (attachment === undefined) return [];
  const lfs = parsePointer(attachment.text ?? '');
  if (lfs !== undefined) {
    if (file.size === lfs.size && file.digest === `sha256:${lfs.oid}`) return [];
    const ofPointer = createHash('sha256')
      .update(attachment.text ?? '')
      .digest('hex');
    const isOfPointer = file.size === attachment.size || file.digest === `sha256:${ofPointer}`;
    return [
      {
        code: 'LfsPointer',
        pointer,
        message: isOfPointer
          ? `size and digest are those of the Git LFS pointer ${attachment.path}, not of the file that it stands for`
          : `${attachment.path} is a Git LFS pointer to another file than the one that is declared here`,
        hint: `Write size: ${lfs.size} and digest: sha256:${lfs.oid}, or commit the pointer of the right file.`,
      },
    ];
  }
  if (attachment.size === file.size) return [];
  return [
    {
      code: 'SizeMismatch',
      pointer: `${pointer}/size`,
      severity: 'warning',
      message: `${attachment.path} has ${attachment.size} bytes, not ${file.size}`,
      hint: 'Commit the whole file, or correct its size and digest.',
    },
  ];
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
