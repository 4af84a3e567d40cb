/** Why a text cannot be handed to ONNX Runtime as it was sent; undefined where it can: it takes texts as UTF-8, and as C has them. */
export function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'holds the character NUL, which texts of ONNX Runtime end at';
  if (!text.isWellFormed())
    return 'holds half of a character (a lone surrogate), which UTF-8 has no bytes for';
  return undefined;
}
