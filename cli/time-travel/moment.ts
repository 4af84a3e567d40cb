import { parseDuration } from '../../libraries/duration/index.ts';

/**
 * A moment as people write it, in seconds since 1970: RFC 3339 (`2026-03-01T14:03:00Z`), a day (`2026-03-01`, its end in
 * UTC), a time of today (`14:03`, UTC), or how long ago (`-2h`, `2h ago`). Undefined for anything else.
 */
export function parseMoment(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  const ago = /^-\s*(\d+(?:ms|s|m|h|d))$|^(\d+(?:ms|s|m|h|d))\s+ago$/.exec(trimmed);
  if (ago !== null) {
    const span = ago[1] ?? ago[2] ?? '';
    const ms = span.endsWith('d') ? Number(span.slice(0, -1)) * 86_400_000 : parseDuration(span);
    return Math.floor((now - ms) / 1000);
  }
  if (trimmed === 'now') return Math.floor(now / 1000);
  if (/^\d{4}-\d{2}-\d{2}$/.test(trimmed)) return seconds(`${trimmed}T23:59:59Z`);
  if (/^\d{1,2}:\d{2}(:\d{2})?$/.test(trimmed)) {
    const today = new Date(now).toISOString().slice(0, 10);
    return seconds(
      `${today}T${trimmed.padStart(trimmed.length === 4 || trimmed.length === 7 ? trimmed.length + 1 : trimmed.length, '0')}Z`,
    );
  }
  if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/.test(trimmed)) {
    const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(trimmed.slice(10));
    return seconds(`${trimmed.replace(' ', 'T')}${hasZone ? '' : 'Z'}`);
  }
  return undefined;
}

/** When a UUIDv7 was made, in seconds since 1970 (RFC 9562: its first 48 bits are milliseconds). Undefined for another text. */
export function momentOfPrediction(id: string): number | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id)) return undefined;
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) / 1000;
}

/** Whether a preview of a proposal answered it: the id is a UUIDv8. */
export function isOfPreview(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id);
}

function seconds(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
