/** Throws where a part of what Snappy has folded says that it is longer than what is left: a reader that takes the length for a negative one goes back, for ever. */
export function walkSnappy(input: Uint8Array): void {
  let at = 0;
  while ((input[at++] ?? 0) >= 0x80);
  while (at < input.length) {
    const tag = input[at++]!;
    const kind = tag & 3;
    if (kind > 0) at += kind === 3 ? 4 : kind;
    else {
      let length = tag >> 2;
      if (length >= 60) {
        const bytes = length - 59;
        length = 0;
        for (let place = 0; place < bytes; place++) length += (input[at++] ?? 0) * 2 ** (8 * place);
      }
      at += length + 1;
      if (at > input.length) throw new Error('what Snappy has folded ends within a text');
    }
  }
}
