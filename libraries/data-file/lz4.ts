/** Unfolds LZ4 as Parquet has it: blocks without a frame, of a size that is said elsewhere (LZ4 Block Format Description, 2022). */

const shortestMatch = 4;
/** Fewer bytes are copied faster one by one. */
const fewBytes = 24;

/** Of `LZ4_RAW`: one block. Throws where it is none, or unfolds to another size than `size` bytes. */
export function unfoldLz4(input: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size);
  need(unfoldBlock(input, output, 0) === size);
  return output;
}

/**
 * Of `LZ4`, which is deprecated: what Hadoop writes, lengths (big-endian) before blocks; or one block, as other writers understood it.
 * Throws as `unfoldLz4` does.
 */
export function unfoldDeprecatedLz4(input: Uint8Array, size: number): Uint8Array {
  return unfoldHadoop(input, size) ?? unfoldLz4(input, size);
}

function unfoldHadoop(input: Uint8Array, size: number): Uint8Array | undefined {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const output = new Uint8Array(size);
  let [from, to] = [0, 0];
  try {
    while (from < input.length) {
      const end = to + view.getUint32(from);
      from += 4;
      // What was written at once may be in several blocks.
      while (to < end) {
        const length = view.getUint32(from);
        from += 4;
        need(length > 0 && length <= input.length - from);
        to = unfoldBlock(input.subarray(from, from + length), output, to);
        from += length;
      }
      need(to === end);
    }
    return to === size ? output : undefined;
  } catch {
    return undefined;
  }
}

/** Where the output ends then. A block is of sequences: literals, and a part of what was unfolded before, by its distance. */
function unfoldBlock(input: Uint8Array, output: Uint8Array, start: number): number {
  let from = 0;
  let to = start;
  while (from < input.length) {
    const token = input[from++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more: number;
      do literals += more = input[from++] ?? 0;
      while (more === 255);
    }
    need(literals <= input.length - from && literals <= output.length - to);
    if (literals > fewBytes) {
      output.set(input.subarray(from, from + literals), to);
      from += literals;
      to += literals;
    } else for (const end = to + literals; to < end; ) output[to++] = input[from++]!;
    // The last sequence has literals alone.
    if (from === input.length) return to;

    const distance = input[from]! | (input[from + 1]! << 8);
    from += 2;
    let matched = (token & 15) + shortestMatch;
    if (matched === 15 + shortestMatch) {
      let more: number;
      do matched += more = input[from++] ?? 0;
      while (more === 255);
    }
    need(from <= input.length && distance > 0 && distance <= to - start && matched <= output.length - to);
    if (matched > fewBytes && distance >= matched) {
      output.copyWithin(to, to - distance, to - distance + matched);
      to += matched;
    } else for (const end = to + matched; to < end; to++) output[to] = output[to - distance]!;
  }
  throw new Error('an LZ4 block ends within a sequence');
}

function need(isSound: boolean): void {
  if (!isSound) throw new Error('an LZ4 block is none, or unfolds to another size than it is said to');
}
