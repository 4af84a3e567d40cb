import type { DocumentReport, FieldOutcome, FieldReport } from '../import/report.ts';
import { type Colours, oneLine } from '../terminal.ts';

/** What became of each document, field by field. */
export function importForPeople(documents: readonly DocumentReport[], colours: Colours): string {
  const told = documents.map((document) => documentForPeople(document, colours)).join('');
  return `${told}${verdict(documents)}\n`;
}

function documentForPeople(document: DocumentReport, colours: Colours): string {
  const { green, yellow, red, dim, bold } = colours;
  const { kind, name, file, line, result, manifests, refusal, note, fields } = document;
  const what = bold(oneLine(`${kind || 'document'} ${name}`.trim()));
  const where = dim(`${oneLine(file)}:${line}`);
  if (result === 'ignored') return `${dim('–')} ${what}  ${where}  ${dim(`ignored: ${note ?? ''}`)}\n`;
  if (refusal !== undefined) {
    const field = refusal.field === '' ? '' : `${oneLine(refusal.field)}: `;
    const hint = refusal.hint === undefined ? '' : `    ${dim(oneLine(refusal.hint))}\n`;
    return `${red('✘')} ${what}  ${where}\n    ${refusal.code}  ${field}${oneLine(refusal.message)}\n${hint}`;
  }
  const mark = result === 'imported' ? green('✔') : yellow('!');
  const rows = fields.map((field) => fieldForPeople(field, colours)).join('');
  return `${mark} ${what}  ${where}  → ${manifests.join(', ')}\n${rows}`;
}

const width = Math.max(...['imported', 'changed', 'dropped', 'elsewhere'].map(({ length }) => length));

function fieldForPeople({ field, outcome, to, note }: FieldReport, colours: Colours): string {
  const paint: Readonly<Record<FieldOutcome, (text: string) => string>> = {
    imported: colours.green,
    changed: colours.yellow,
    dropped: colours.red,
    elsewhere: colours.dim,
  };
  const place = to === undefined || to === field ? '' : ` → ${to}`;
  const why = note === undefined ? '' : `  ${oneLine(note)}`;
  return `    ${paint[outcome](outcome.padEnd(width))}  ${oneLine(field)}${colours.dim(place)}${why}\n`;
}

function verdict(documents: readonly DocumentReport[]): string {
  const count = (result: DocumentReport['result']) => documents.filter((one) => one.result === result).length;
  const counts = [
    `${count('imported')} imported whole`,
    `${count('remarks')} with remarks`,
    `${count('refused')} refused`,
    `${count('ignored')} ignored`,
  ];
  return counts.join(', ');
}
