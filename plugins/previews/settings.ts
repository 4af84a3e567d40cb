import { parseDuration } from '../../libraries/duration/index.ts';
import { invalidPreviewSetting } from './errors.ts';

/** What the operator of this machine allows: the block `previews` of their configuration. */
export interface PreviewSettings {
  /** Previews that may be loaded at once. */
  readonly atOnce: number;
  /** Milliseconds after which one that nobody asks is released. */
  readonly idleMs: number;
  /** Resident bytes that the process of one may take. */
  readonly maxBytes: number;
}

const mebibyte = 1024 ** 2;

const defaultPreviewSettings: PreviewSettings = {
  atOnce: 2,
  idleMs: 10 * 60_000,
  maxBytes: 2048 * mebibyte,
};

/** Checks the operator's block. Throws `InvalidPreviewSetting`. */
export function previewSettings(block: Readonly<Record<string, unknown>>): PreviewSettings {
  const known = ['atOnce', 'idle', 'maxMemoryMiB'];
  for (const name of Object.keys(block))
    if (!known.includes(name)) throw invalidPreviewSetting(name, `is not a setting: ${known.join(', ')} are`);
  const { atOnce, idle, maxMemoryMiB } = block;
  return {
    atOnce: atOnce === undefined ? defaultPreviewSettings.atOnce : whole('atOnce', atOnce, 0),
    idleMs: idle === undefined ? defaultPreviewSettings.idleMs : milliseconds(idle),
    maxBytes:
      maxMemoryMiB === undefined
        ? defaultPreviewSettings.maxBytes
        : whole('maxMemoryMiB', maxMemoryMiB, 128) * mebibyte,
  };
}

function whole(name: string, value: unknown, smallest: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= smallest) return value;
  throw invalidPreviewSetting(name, `must be a whole number from ${smallest} on`);
}

function milliseconds(value: unknown): number {
  try {
    const parsed = parseDuration(String(value));
    if (parsed > 0) return parsed;
  } catch {
    // Told below, with the setting's name.
  }
  throw invalidPreviewSetting('idle', 'must be a duration such as 10m');
}
