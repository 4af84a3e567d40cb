/**
 * What the platform must find again is kept where people do not see it: in an HTML comment at the end of a body. A marker
 * says what somebody wrote there and proves nothing: what depends on it asks something else as well.
 */

/** What a proposal's marker says. */
export interface ProposalMarker {
  readonly key: string;
  /** Digest of the draft that the branch was last made from. */
  readonly draft: string;
  readonly supersededBy?: number;
}

export function withProposalMarker(body: string, marker: ProposalMarker, limit: number): string {
  return marked(body, 'proposal', { ...marker }, limit);
}

/** The body as it was given, and what its marker says; undefined where there is none that can be read. */
export function readProposalMarker(text: string): {
  readonly body: string;
  readonly marker: ProposalMarker | undefined;
} {
  const { body, data } = read(text, 'proposal');
  const { key, draft, supersededBy } = data ?? {};
  if (typeof key !== 'string' || typeof draft !== 'string') return { body: text, marker: undefined };
  const newer = Number.isSafeInteger(supersededBy) ? { supersededBy: supersededBy as number } : {};
  return { body, marker: { key, draft, ...newer } };
}

export function withSlotMarker(body: string, slot: string, limit: number): string {
  return marked(body, 'comment', { slot }, limit);
}

export function readSlotMarker(text: string): { readonly body: string; readonly slot: string } | undefined {
  const { body, data } = read(text, 'comment');
  return typeof data?.slot === 'string' ? { body, slot: data.slot } : undefined;
}

/** Longer than this is cut, and says so. */
export function cut(text: string, limit: number, ending = '…'): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, Math.max(0, limit - ending.length));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}${ending}`;
}

function marked(body: string, type: string, data: Readonly<Record<string, unknown>>, limit: number): string {
  // Nothing in it may end the comment, or be taken for markup.
  const json = JSON.stringify(data).replaceAll(
    /[<>&]|--/g,
    (found) => `\\u00${found.charCodeAt(0).toString(16)}${found === '--' ? '\\u002d' : ''}`,
  );
  const marker = `\n\n<!-- switchyard:${type} ${json} -->`;
  const ending = '\n\n… (the rest does not fit here)';
  return `${cut(body.replaceAll('\r\n', '\n').trimEnd(), limit - marker.length, ending)}${marker}`;
}

function read(
  text: string,
  type: string,
): { readonly body: string; readonly data: Readonly<Record<string, unknown>> | undefined } {
  const normal = text.replaceAll('\r\n', '\n');
  const pattern = new RegExp(`\\n*<!-- switchyard:${type} (\\{[^\\n]*?\\}) -->`, 'g');
  // The last one: what came before it may be a quotation.
  const last = [...normal.matchAll(pattern)].at(-1);
  if (last === undefined) return { body: normal, data: undefined };
  const body = normal.slice(0, last.index) + normal.slice(last.index + last[0].length);
  try {
    return { body, data: JSON.parse(last[1] ?? '') };
  } catch {
    return { body: normal, data: undefined };
  }
}
