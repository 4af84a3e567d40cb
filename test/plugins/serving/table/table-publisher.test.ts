import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoutingTable } from '../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { TablePublisher } from '../../../../plugins/serving/table/table-publisher.ts';
import { temporaryFolder } from '../../../fixtures/git-repository.ts';
import { recordingLog } from '../../../fixtures/recording-log.ts';
import { until } from '../../../fixtures/until.ts';

const tableOf = (revision: number): RoutingTable => ({
  format: 1,
  revision,
  publishedAt: '2026-01-01T00:00:00.000Z',
  deployments: [],
});

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let handedOn: { readonly revision: number; readonly onDisk: number | undefined }[];
let publisher: TablePublisher;
let log: ReturnType<typeof recordingLog>;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'table.json');
  handedOn = [];
  log = recordingLog();
  publisher = new TablePublisher({
    path,
    log,
    retryMs: 20,
    onPublished: ({ revision }) => handedOn.push({ revision, onDisk: revisionOnDisk() }),
  });
});
afterEach(async () => {
  await publisher.close();
  folder.remove();
});

function revisionOnDisk(): number | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as RoutingTable).revision;
  } catch {
    return undefined;
  }
}

describe('a published table', () => {
  it('is handed on at once, to be read by whoever begins from then on', async () => {
    publisher.publish(tableOf(1));
    publisher.publish(tableOf(2));
    expect(handedOn).toEqual([
      { revision: 1, onDisk: 1 },
      { revision: 2, onDisk: 2 },
    ]);
    await publisher.close();
    expect(publisher.isPersisted).toBe(true);
  });

  it('is handed on where it cannot be written, and the newest is written once that is possible', async () => {
    mkdirSync(path);
    publisher.publish(tableOf(1));
    publisher.publish(tableOf(2));
    expect(handedOn.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(publisher.isPersisted).toBe(false);
    rmdirSync(path);
    await until(() => publisher.isPersisted);
    expect(revisionOnDisk()).toBe(2);
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});
