import type { ServingSettings } from './settings.ts';

/** What of the operator's settings the program of an inference process is told, as it reads it (`dataplane/options.ts`). */
export function settingArguments(settings: ServingSettings): readonly string[] {
  const { loading, whileLoading, memoryBudget, workerPriority, bodyBudget, corsOrigins, compressFrom } =
    settings;
  return [
    ...['--loading', loading, '--while-loading', whileLoading, '--worker-priority', workerPriority],
    ...(memoryBudget === undefined ? [] : ['--memory-budget', String(memoryBudget)]),
    ...(bodyBudget === undefined ? [] : ['--body-budget', String(bodyBudget)]),
    ...(corsOrigins.length === 0 ? [] : ['--cors-origins', corsOrigins.join(',')]),
    ...(compressFrom === undefined ? [] : ['--compress-from', String(compressFrom)]),
  ];
}
