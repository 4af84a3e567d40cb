/**
 * Text of others in Markdown of ours. What a proposal says is shown as it is and does nothing: no markup, no HTML, no
 * image, no mention of a person or team, and never a page of it.
 */

/** As running text; never the first thing on a line, where a dash or a hash would mean something. */
export function text(value: string, most = 300): string {
  return gap(plain(value, most).replace(/[\\`*_[\]|~<>&$]/g, (sign) => escapes[sign] ?? `\\${sign}`));
}

const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/** Inside of HTML, where Markdown means nothing. */
export function html(value: string, most = 120): string {
  return gap(plain(value, most).replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`));
}

/** As code: values, paths, references. Forges link nothing inside it. */
export function code(value: string, most = 200): string {
  const shown = plain(value, most).replaceAll('|', '\\|');
  if (shown === '') return '(empty)';
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Any value of a manifest, as code. */
export function value(of: unknown, most = 120): string {
  if (of === undefined || of === null) return '(none)';
  return code(typeof of === 'string' ? of : JSON.stringify(of), most);
}

/**
 * Markdown that a check wrote, perhaps around words of the proposal: its tables and lists stay, while HTML, links, images
 * and mentions lose their effect, and a block of code that it left open is closed.
 */
export function foreignMarkdown(markdown: string, most: number): string {
  const shown = markdown
    .replaceAll('\r\n', '\n')
    .replace(/[^\P{C}\n\t]/gu, '')
    .replace(/<(?=[A-Za-z/!?])/g, `<${nothing}`)
    .replace(/\](?=[([:])/g, `]${nothing}`)
    .replace(/!(?=\[)/g, `!${nothing}`);
  const kept = gap(shown.length > most ? `${shown.slice(0, most)}\n\n… cut after ${most} characters` : shown);
  const fences = kept.split('\n').filter((line) => /^\s*(```|~~~)/.test(line));
  return fences.length % 2 === 1 ? `${kept}\n${/~~~/.test(fences.at(-1) ?? '') ? '~~~' : '```'}` : kept;
}

/** One line without control characters, cut. */
function plain(value: string, most: number): string {
  const line = value
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** Keeps a name after an at sign, a number after a hash, and an address from being linked. */
function gap(value: string): string {
  return value
    .replace(/@(?=[\p{L}\p{N}_])/gu, `@${nothing}`)
    .replace(/((?<!&)#|\bGH-)(?=\d)/g, `$1${nothing}`)
    .replace(/:\/\//g, `:${nothing}//`)
    .replace(/\bwww\./gi, (match) => `${match.slice(0, 3)}${nothing}.`);
}

/** Takes no room and is no part of a word. */
const nothing = '\u200B';
