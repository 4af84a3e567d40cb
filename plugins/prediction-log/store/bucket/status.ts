/** What a bucket holds and what waits for it, for people and metrics. */
import type { SinkStatus } from '../../../../core/capabilities/prediction-sink.ts';
import type { StoreCore } from '../core.ts';
import type { Bucket } from './bucket.ts';
import { pending } from './keeping.ts';

export function bucketStatus(core: StoreCore, bucket: Bucket): NonNullable<SinkStatus['bucket']> {
  const { settings, catalogue, counts, trouble } = bucket;
  const waiting = pending(core, bucket);
  const sizes = [...catalogue.objects.values()];
  const here = core.files.filter(({ path }) => !bucket.isAbsent(path));
  return {
    address: `${settings.endpoint}/${settings.bucket}/${settings.prefix}`,
    objects: sizes.length,
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    waiting: waiting.length,
    waitingBytes: waiting.reduce((sum, { bytes }) => sum + bytes, 0),
    localBytes: here.reduce((sum, { bytes }) => sum + bytes, 0),
    counts: { ...counts },
    ...(trouble === undefined ? {} : { trouble }),
  };
}
