import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';

/** Merges of two branches that both wrote here tend to leave what was moved, and sections twice. */
const releases = readFileSync(packageFile('CHANGELOG.md'), 'utf8')
  .split(/^(?=## )/m)
  .filter((part) => part.startsWith('## '))
  .map((part) => ({ title: part.split('\n', 1)[0] ?? '', text: part }));

describe.each(releases)('the changes of $title', ({ text }) => {
  const sections = [...text.matchAll(/^### (.*)$/gm)].map((match) => match[1]);
  const parts = [...text.matchAll(/^#### (.*)$/gm)].map((match) => match[1]);
  const entries = text
    .split(/^(?=- |#)/m)
    .filter((entry) => entry.startsWith('- '))
    .map((entry) => entry.replaceAll(/\s+/g, ' ').trim());

  it('are in sections that Keep a Changelog knows, each once', () => {
    const known = ['Security', 'Added', 'Changed', 'Deprecated', 'Removed', 'Fixed'];
    expect(sections).toEqual(known.filter((section) => sections.includes(section)));
    expect(new Set(parts).size).toBe(parts.length);
  });

  it('are said once', () => {
    const begins = entries.map((entry) => entry.slice(0, 60));
    expect(begins.filter((begin, index) => begins.indexOf(begin) !== index)).toEqual([]);
    expect(entries.length).toBeGreaterThan(0);
  });
});
