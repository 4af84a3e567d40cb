import { setTimeout as wait } from 'node:timers/promises';
import type { Api } from './api.ts';
import { previewNotReady } from './errors.ts';

interface PreviewStatus {
  readonly state: 'not loaded' | 'loading' | 'ready' | 'failed';
  readonly reason?: string;
}

const everyMs = 250;

/** Asks the platform to load the preview of a proposal and waits until it answers. Throws `PreviewNotReady` where it does not. */
export async function loadPreview(api: Api, proposal: string, signal: AbortSignal): Promise<void> {
  const path = `/proposals/${proposal}/preview`;
  for (;;) {
    const { state, reason } = await api.post<PreviewStatus>(path);
    if (state === 'ready') return;
    if (state === 'failed') throw previewNotReady(proposal, reason ?? 'it could not be loaded');
    await wait(everyMs, undefined, { signal });
  }
}
