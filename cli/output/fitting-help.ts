import { visibleLength } from './table.ts';
import { wrapped } from './wrapped.ts';

/** Help for a window of that many columns: a paragraph that is wider is broken anew; what is indented stays as it is. */
export function fittingHelp(text: string, width: number): string {
  const lines: string[] = [];
  let paragraph: string[] = [];
  const endParagraph = () => {
    const isWider = paragraph.some((line) => visibleLength(line) > width);
    lines.push(...(isWider ? wrapped(paragraph.join(' '), width) : paragraph));
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const isProse = /^\S/.test(line);
    if (!isProse || line.startsWith('Exit status')) endParagraph();
    if (isProse) paragraph.push(line);
    else lines.push(line);
  }
  endParagraph();
  return lines.join('\n');
}
