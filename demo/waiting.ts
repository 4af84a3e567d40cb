import { setTimeout as wait } from 'node:timers/promises';
import type { Api } from '../cli/client/api.ts';
import { allFollow, readProcesses } from '../cli/client/processes.ts';
import type { ShownResource } from '../cli/client/resources.ts';
import type { Head } from '../core/kernel-api.ts';

/** Looks again and again until it finds something. Throws after `patience` milliseconds, or when `signal` says so. */
export async function until<T>(
  look: () => Promise<T | undefined | false>,
  {
    patience,
    what,
    signal,
  }: { readonly patience: number; readonly what: string; readonly signal: AbortSignal },
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined && found !== false) return found as T;
    if (Date.now() > deadline) throw new Error(`waited ${patience / 1000} s in vain: ${what}`);
    await wait(25);
  }
}

/** Whether every resource is as that commit (default: whichever is applied) declares it, and nothing is under way. */
export async function isSettled(api: Api, commit?: string): Promise<boolean> {
  const head = await api.get<Head>('/head');
  if (head.applied === null || (commit !== undefined && head.applied !== commit)) return false;
  const { items } = await api.get<{ items: readonly ShownResource[] }>('/resources?limit=500');
  if (!allFollow(await readProcesses(api))) return false;
  return items.every(isReady);
}

/** Whether those resources are as that commit declares them, whatever else is under way. */
export async function areReady(api: Api, commit: string, refs: readonly string[]): Promise<boolean> {
  const { applied } = await api.get<Head>('/head');
  if (applied !== commit || !allFollow(await readProcesses(api))) return false;
  const { items } = await api.get<{ items: readonly ShownResource[] }>('/resources?limit=500');
  return refs.every((ref) => items.some((one) => one.ref === ref && isReady(one)));
}

function isReady({ digest, status }: ShownResource): boolean {
  const has = (wanted: string) =>
    status?.conditions.some(({ type, status: is }) => type === wanted && is === 'True') === true;
  return status?.observedDigest === digest && has('Ready') && !has('Progressing');
}

export function secondsSince(start: number): string {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}
