import { didYouMean, quoted } from '../../libraries/did-you-mean/index.ts';
import type { Attachment, AttachmentRequest, Finding } from '../plugin.ts';
import type { ParseCache } from './parse-cache.ts';
import { entryAt, type Folder, type ManifestSource, namesIn } from './tree.ts';

/** What a resource asked for, and what came of it. */
export interface Attached {
  readonly attachments: readonly Attachment[];
  readonly findings: readonly Finding[];
  /** Folders (`models/fraud/`) in which a file was missed: what comes and goes there changes the findings. */
  readonly searched: readonly string[];
}

interface Wanted {
  readonly request: AttachmentRequest;
  readonly blob: string;
}

/** The most bytes of a file that a kind may read. */
const readable = 256 * 1024;
const short = 1024;

/** Whether a kind is given the content of a file that it asked for, where that is text. */
export function isGiven({ read }: AttachmentRequest, size: number): boolean {
  return read === 'short' ? size <= short : read;
}

/**
 * Finds the files that resources stand on, in the tree that the resources are from: their ids, sizes and, where asked,
 * their text. All of them are asked for at once.
 */
export async function findAttachments<Key>(
  asked: ReadonlyMap<Key, readonly AttachmentRequest[]>,
  root: Folder,
  source: ManifestSource,
  cache: ParseCache | undefined,
): Promise<Map<Key, Attached>> {
  const found = new Map<Key, { wanted: Wanted[]; findings: Finding[]; searched: string[] }>();
  for (const [key, requests] of asked) {
    const wanted: Wanted[] = [];
    const findings: Finding[] = [];
    const searched: string[] = [];
    for (const request of requests) {
      const blob = locate(request, root, findings);
      if (blob !== undefined) wanted.push({ request, blob });
      else searched.push(request.path.slice(0, request.path.lastIndexOf('/') + 1));
    }
    found.set(key, { wanted, findings, searched });
  }
  const all = [...found.values()].flatMap(({ wanted }) => wanted);
  const toRead = all.filter(({ request }) => request.read === true).map(({ blob }) => blob);
  const texts = await readTexts(new Set(toRead), source);
  const sizes = await readSizes(all, texts, source, cache);
  const more = all.filter(({ request, blob }) => !texts.has(blob) && isGiven(request, sizes.get(blob) ?? 0));
  for (const [blob, text] of await readTexts(new Set(more.map(({ blob }) => blob)), source))
    texts.set(blob, text);
  const attached = new Map<Key, Attached>();
  for (const [key, { wanted, findings, searched }] of found) {
    const attachments: Attachment[] = [];
    for (const { request, blob } of wanted) {
      const { path, read } = request;
      const size = sizes.get(blob) ?? 0;
      const id = (await source.identify?.(blob)) ?? blob;
      const text = isGiven(request, size) ? texts.get(blob)?.text : undefined;
      if (read === true && text === undefined) findings.push(unreadable(request, size));
      attachments.push(Object.freeze({ path, blob: id, size, ...(text === undefined ? {} : { text }) }));
    }
    attached.set(key, { attachments: Object.freeze(attachments), findings, searched });
  }
  return attached;
}

function locate(request: AttachmentRequest, root: Folder, findings: Finding[]): string | undefined {
  const { path, pointer, optional } = request;
  const steps = path.split('/');
  if (steps.some((step) => step === '' || step === '.' || step === '..')) {
    findings.push({
      code: 'AttachmentMissing',
      pointer,
      message: `${quoted(path)} is not a path inside of the registry`,
      hint: 'Write the path from the root of the repository, without `..`.',
    });
    return undefined;
  }
  const entry = entryAt(root, path);
  if (entry?.type === 'blob') return entry.id;
  if (entry === undefined && optional === true) return undefined;
  const message = entry === undefined ? `there is no file ${quoted(path)}` : `${quoted(path)} is not a file`;
  const name = steps.at(-1) ?? '';
  const near = didYouMean(name, namesIn(root, steps.slice(0, -1)));
  const hint =
    near ?? 'Commit the file beside the manifest; files whose names begin with a dot do not count.';
  findings.push({ code: 'AttachmentMissing', pointer, message, hint });
  return undefined;
}

function unreadable({ path, pointer }: AttachmentRequest, size: number): Finding {
  if (size > readable) {
    return {
      code: 'AttachmentTooLarge',
      pointer,
      message: `${quoted(path)} has ${size.toLocaleString('en')} bytes; at most ${readable.toLocaleString('en')} are read`,
      hint: 'Shorten the file.',
    };
  }
  return {
    code: 'AttachmentNotText',
    pointer,
    message: `${quoted(path)} is not UTF-8 text`,
    hint: 'Save it as UTF-8.',
  };
}

/** The contents of small text files by their blobs; no text for what is too large or no text. */
export async function readTexts(
  blobs: ReadonlySet<string>,
  source: ManifestSource,
): Promise<Map<string, { size: number; text: string | undefined }>> {
  const texts = new Map<string, { size: number; text: string | undefined }>();
  if (blobs.size === 0) return texts;
  for await (const { id, size, bytes } of source.blobs([...blobs], readable)) {
    texts.set(id, { size, text: bytes && asText(bytes) });
  }
  return texts;
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Sizes are kept with the parsed manifests: some repositories cannot tell a size without reading the content. */
async function readSizes(
  wanted: readonly Wanted[],
  texts: ReadonlyMap<string, { size: number }>,
  source: ManifestSource,
  cache: ParseCache | undefined,
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const unknown: string[] = [];
  for (const blob of new Set(wanted.map((one) => one.blob))) {
    const size = texts.get(blob)?.size ?? Number.parseInt(cache?.get(`${blob}.size`) ?? '', 10);
    if (Number.isNaN(size)) unknown.push(blob);
    else sizes.set(blob, size);
  }
  if (unknown.length === 1) {
    sizes.set(unknown[0] as string, await source.blobSize(unknown[0] as string));
  } else if (unknown.length > 1) {
    for await (const { id, size } of source.blobs(unknown, -1)) sizes.set(id, size);
  }
  for (const blob of unknown) cache?.put(`${blob}.size`, String(sizes.get(blob) ?? 0));
  return sizes;
}
