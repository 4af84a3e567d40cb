import type { SessionSettings, Signature } from '../../../../core/capabilities/serving-runtime.ts';
import { openSession, type Session } from '../run/session.ts';
import { readArtifact } from './artifact.ts';
import { refuseExternalData } from './external-data.ts';
import { ownMemory } from './own-memory.ts';
import { compareSignature } from './signature.ts';
import { type TrialModel, trialModel } from './trial-model.ts';

export interface OpenedVersion {
  /** The bytes that were checked. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly session: Session;
  readonly sides: ReturnType<typeof compareSignature>;
  readonly model: TrialModel;
  /** What the process has grown by since the artifact was read, but at least the size of the file. */
  readonly memoryBytes: () => number;
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
  const before = ownMemory();
  const session = await openSession(bytes, version.session);
  try {
    const sides = compareSignature(session, version.signature);
    const memoryBytes = (): number => Math.max(bytes.length, ownMemory() - before);
    return { bytes, session, sides, model: trialModel(session, sides), memoryBytes };
  } catch (error) {
    await session.release();
    throw error;
  }
}
