import { alreadyQuarantined, notQuarantined } from '../errors.ts';
import { type Asked, type Change, given } from './change.ts';
import { modelNamed, versionNamed } from './look-up.ts';
import { stillDeployed } from './warnings.ts';

export interface QuarantineAsked extends Asked {
  readonly model: string;
  readonly version: string;
  /** Stands in the manifest, for everybody who meets the version later. */
  readonly reason: string;
  /** Where the measurements are that condemned it. */
  readonly evidence?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Has a version refused everywhere, until a person lifts it by a proposal. */
export function quarantine(asked: QuarantineAsked): Change {
  const { base, model, version: name, evidence, now } = asked;
  modelNamed(base, model);
  const version = versionNamed(base, model, name);
  if (version.spec.quarantine !== undefined) throw alreadyQuarantined(model, name);
  const since = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const reason = asked.reason.replace(/\s+/g, ' ').trim().slice(0, 2048);
  const value = { reason, since, ...(evidence === undefined ? {} : { evidence }) };
  return {
    intent: {
      ...head(asked, `Quarantine ${model} ${name}`),
      files: [
        {
          path: version.origin.path,
          ref: version.ref,
          edits: [{ op: 'set', pointer: '/spec/quarantine', value }],
        },
      ],
    },
    warnings: stillDeployed(base, model, name),
  };
}

/** Lets a version be deployed again. */
export function liftQuarantine(asked: Omit<QuarantineAsked, 'evidence' | 'now'>): Change {
  const { base, model, version: name } = asked;
  modelNamed(base, model);
  const version = versionNamed(base, model, name);
  if (version.spec.quarantine === undefined) throw notQuarantined(model, name);
  return {
    intent: {
      ...head(asked, `Lift the quarantine of ${model} ${name}`),
      files: [
        {
          path: version.origin.path,
          ref: version.ref,
          edits: [{ op: 'remove', pointer: '/spec/quarantine' }],
        },
      ],
    },
    warnings: [],
  };
}

function head(asked: Asked & { readonly model: string; readonly version: string }, title: string) {
  const { model, version, author } = asked;
  return {
    key: `quarantine:ModelVersion/${model}/${version}`,
    type: 'quarantine' as const,
    title,
    trailers: { 'Switchyard-Model': model, 'Switchyard-Version': version },
    author,
    ...given(asked),
  };
}
