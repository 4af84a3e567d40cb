import type { SessionSettings, Signature } from '../../../../core/capabilities/serving-runtime.ts';
import { openSession, type Session } from '../run/session.ts';
import { readArtifact } from './artifact.ts';
import { refuseExternalData } from './external-data.ts';
import { compareSignature } from './signature.ts';
import { type TrialModel, trialModel } from './trial-model.ts';

export interface OpenedVersion {
  /** The bytes that were checked. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly session: Session;
  readonly sides: ReturnType<typeof compareSignature>;
  readonly model: TrialModel;
  /** Resident bytes of the process when the artifact was read and no session made yet. */
  readonly residentBefore: number;
}

/**
 * The first steps of every version, whoever it will answer: its artifact is what it should be, it is a model, and it has
 * the signature of its manifest. Throws the reason why not; then nothing of it stays in memory.
 */
export async function openVersion(version: {
  readonly path: string;
  readonly digest: string;
  readonly signature: Signature;
  readonly session?: SessionSettings | undefined;
}): Promise<OpenedVersion> {
  const bytes = await readArtifact(version.path, version.digest);
  refuseExternalData(bytes);
  const residentBefore = process.memoryUsage.rss();
  const session = await openSession(bytes, version.session);
  try {
    const sides = compareSignature(session, version.signature);
    return { bytes, session, sides, model: trialModel(session, sides), residentBefore };
  } catch (error) {
    await session.release();
    throw error;
  }
}
