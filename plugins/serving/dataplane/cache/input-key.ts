import { createHash } from 'node:crypto';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Stands for exactly these inputs of one model: their shapes and every bit of their data, in its order of inputs. -0 and 0 are two, and so are
 * NaNs of other bits. Two inputs that give the same would be a collision of SHA-256.
 */
export function inputKey(whose: string, inputs: readonly Tensor[]): string {
  const hash = createHash('sha256');
  hash.update(whose);
  for (const { shape, data } of inputs) {
    hash.update(`\0${shape.join(',')}:`);
    // Texts may hold whatever stands between them, so each is written with its quotes.
    if (Array.isArray(data)) hash.update(JSON.stringify(data));
    else hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('base64');
}
