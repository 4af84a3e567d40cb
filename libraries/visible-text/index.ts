/** Why bytes are not text that a human can review. `offset` counts UTF-16 units of `text`, or bytes without one. */
export interface TextProblem {
  readonly code: 'InvalidEncoding' | 'ControlCharacter' | 'HiddenCharacter';
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
}

export interface DecodedText {
  /** Without its byte order mark; undefined where the bytes are not UTF-8. */
  readonly text: string | undefined;
  readonly problem: TextProblem | undefined;
}

/**
 * Decodes UTF-8 strictly: nothing is replaced. Control characters, and the invisible characters that make a line read
 * other than it is, are a problem, since a reviewer cannot see what they approve.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { text: undefined, problem: notUtf8(bytes) };
  }
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  return { text, problem: unprintable(text) };
}

/** Whether a string holds a character that a terminal or a reader would not show: the rule for decoded values. */
export function hasUnprintable(value: string): boolean {
  return unprintablePattern.test(value) || loneSurrogate.test(value);
}

/** A path or name with its unprintable characters escaped, for messages. */
export function printable(text: string): string {
  if (!hasUnprintable(text) && !/[\n\r\t]/.test(text)) return text;
  return text.replace(
    /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const loneSurrogate = /\p{Cs}/u;
const hidden = '\\u202a-\\u202e\\u2066-\\u2069\\ufeff';
const control = '\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\ufffe\\uffff';
const unprintablePattern = new RegExp(`[${control}${hidden}]`);
/** In a file, a carriage return alone would also break lines for some readers and not for others. */
const unprintableInFile = new RegExp(`[${control}${hidden}]|\\r(?!\\n)`);

function notUtf8(bytes: Uint8Array): TextProblem {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return {
    code: 'InvalidEncoding',
    message: utf16 ? 'the file is UTF-16' : 'the file is not valid UTF-8',
    hint: 'Save it as UTF-8.',
    offset: firstInvalid(bytes),
  };
}

/** How many bytes are valid UTF-8 from the start. */
function firstInvalid(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      low = middle;
    } catch {
      high = middle - 1;
    }
  }
  return low;
}

function unprintable(text: string): TextProblem | undefined {
  const offset = text.search(unprintableInFile);
  if (offset < 0) return undefined;
  const code = text.charCodeAt(offset);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code > 0x9f) {
    return {
      code: 'HiddenCharacter',
      message: `the file holds the invisible character ${name}`,
      hint: 'Remove it: it makes the text read other than it is.',
      offset,
    };
  }
  return {
    code: 'ControlCharacter',
    message: `the file holds the control character ${name}`,
    hint: code === 0x0d ? 'End lines with LF or CRLF.' : 'Remove it.',
    offset,
  };
}
