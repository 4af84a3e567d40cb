/**
 * GitLab takes a line that begins with `/merge` or `/approve` in a description or a comment for an order, given by whoever
 * wrote it. The platform writes what others said (titles, plans, evidence), so no line of its begins with a slash: it is
 * written as a character reference, which looks the same.
 */
export function withoutOrders(text: string): string {
  return text.replaceAll(/^([ \t]*)\/(?=\w)/gm, '$1&#47;');
}

/** The text as it was before. */
export function withSlashes(text: string): string {
  return text.replaceAll(/^([ \t]*)&#47;/gm, '$1/');
}
