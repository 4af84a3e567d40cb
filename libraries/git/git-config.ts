/** One setting of Git: `section.name` or `section.subsection.name`, section and name in lower case. */
export interface ConfigEntry {
  readonly key: string;
  /** `true` where it stands without a value. */
  readonly value: string;
}

/** Reads the text of a configuration file. What Git would not understand is passed over. */
export function parseConfig(text: string): ConfigEntry[] {
  const entries: ConfigEntry[] = [];
  const reader = { text: text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n'), at: 0 };
  let section = '';
  while (reader.at < reader.text.length) {
    const header = /\s*\[([-.\w]+)(?:[ \t]+"((?:[^"\\\n]|\\.)*)")?\]/y;
    header.lastIndex = reader.at;
    const found = header.exec(reader.text);
    if (found !== null) {
      const [whole, name = '', subsection] = found;
      reader.at += whole.length;
      const inner = subsection?.replace(/\\(.)/g, '$1');
      section = inner === undefined ? name.toLowerCase() : `${name.toLowerCase()}.${inner}`;
      continue;
    }
    const name = /[ \t]*([a-z][-a-z0-9]*)[ \t]*(=|(?=[\n;#]|$))/iy;
    name.lastIndex = reader.at;
    const setting = name.exec(reader.text);
    if (setting === null) {
      const end = reader.text.indexOf('\n', reader.at);
      reader.at = end < 0 ? reader.text.length : end + 1;
      continue;
    }
    reader.at += setting[0].length;
    const value = setting[2] === '=' ? readValue(reader) : 'true';
    entries.push({ key: `${section}.${setting[1]!.toLowerCase()}`, value });
  }
  return entries;
}

/** To the end of the line, through quotes, escapes, comments and continued lines. */
function readValue(reader: { readonly text: string; at: number }): string {
  let value = '';
  let spaces = '';
  let isQuoted = false;
  let isComment = false;
  while (reader.at < reader.text.length) {
    const character = reader.text[reader.at]!;
    reader.at += 1;
    if (character === '\n') break;
    if (isComment) continue;
    if (!isQuoted && /[ \t]/.test(character)) {
      if (value !== '') spaces += ' ';
      continue;
    }
    if (!isQuoted && (character === ';' || character === '#')) {
      isComment = true;
      continue;
    }
    value += spaces;
    spaces = '';
    if (character === '"') isQuoted = !isQuoted;
    else if (character !== '\\') value += character;
    else {
      const escaped = reader.text[reader.at] ?? '';
      reader.at += 1;
      value += escapes[escaped] ?? escaped;
    }
  }
  return value;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b', '\n': '' };
