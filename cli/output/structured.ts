import { stringify } from 'yaml';

export type StructuredFormat = 'json' | 'yaml';

/** A value for programs. YAML quotes what another reader could take for something else. */
export function structured(value: unknown, format: StructuredFormat): string {
  if (format === 'json') return `${JSON.stringify(value, null, 2)}\n`;
  return stringify(JSON.parse(JSON.stringify(value)), { lineWidth: 0, aliasDuplicateObjects: false });
}

/** One value of a stream: a line of JSON, or a YAML document. */
export function structuredLine(value: unknown, format: StructuredFormat): string {
  return format === 'json' ? `${JSON.stringify(value)}\n` : `---\n${structured(value, 'yaml')}`;
}
