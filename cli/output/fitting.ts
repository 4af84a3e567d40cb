/** What is taller than a window and is to be drawn again cannot be taken back from its top: the rest is left out. */
export function fitting(text: string, height = Number.POSITIVE_INFINITY): string {
  const lines = text.split('\n');
  if (lines.length <= height) return text;
  return [...lines.slice(0, Math.max(1, height - 2)), '…', ''].join('\n');
}
