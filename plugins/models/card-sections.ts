export interface Section {
  readonly name: string;
  /** What a reader expects to find there. */
  readonly tells: string;
  /** Headings that people give it. */
  readonly heading: RegExp;
}

/** The sections without which a card does not do its work, and that no heading of this Markdown announces. */
export function missingSections(markdown: string): readonly Section[] {
  const headings = headingsOf(markdown);
  return sections.filter(({ heading }) => !headings.some((text) => heading.test(text)));
}

const sections: readonly Section[] = [
  { name: 'intended use', tells: 'what the model is for, and for whom', heading: /\b(uses?|usage)\b/i },
  {
    name: 'limitations',
    tells: 'what it is not for, and where it is known to be wrong',
    heading: /\b(limitations?|risks?|bias(es)?|out[- ]of[- ]scope)\b/i,
  },
  { name: 'training data', tells: 'on what it was trained, and how', heading: /\btrain(ing|ed)\b/i },
  {
    name: 'evaluation',
    tells: 'how good it is, measured on what',
    heading: /\b(evaluation|results?|performance|metrics?)\b/i,
  },
];

function headingsOf(markdown: string): readonly string[] {
  const headings: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split(/\r?\n/)) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === undefined) fence = mark;
      else if (mark.startsWith(fence)) fence = undefined;
      continue;
    }
    if (fence === undefined && /^ {0,3}#{1,6}\s/.test(line)) headings.push(line.trim().replace(/^#+\s*/, ''));
  }
  return headings;
}
