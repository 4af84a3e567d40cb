import type { AttachmentRequest, Finding, Resource } from '../../core/plugin.ts';
import { isFile, pathOfUri } from '../../libraries/manifest-path/index.ts';

/** The file of the registry that a URI means, as the kind asks for it; none for a URI that leads elsewhere. */
export function attachmentOfUri(
  resource: Resource,
  uri: string,
  pointer: string,
): readonly AttachmentRequest[] {
  const path = pathOfUri(resource, uri);
  return path === undefined ? [] : [{ path, pointer, read: false }];
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

/** A declared size that is not the file's: shown before the commit is applied. */
export function sizeFindings(
  resource: Resource,
  file: { readonly uri: string; readonly size: number },
  pointer: string,
): readonly Finding[] {
  const path = pathOfUri(resource, file.uri);
  const attachment = resource.attachments.find((one) => one.path === path);
  if (attachment === undefined || attachment.size === file.size) return [];
  return [
    {
      code: 'SizeMismatch',
      pointer,
      severity: 'warning',
      message: `${attachment.path} has ${attachment.size} bytes, not ${file.size}`,
      hint: 'Commit the whole file (a Git LFS pointer is not enough), or correct its size and digest.',
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
