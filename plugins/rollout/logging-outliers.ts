/** What is usual, for a deployment that says of its rows how far they are from it: a profile in the registry. */
import type { OutlierRule } from '../../core/capabilities/serving-runtime.ts';
import type { AttachmentRequest, Finding, Resource } from '../../core/plugin.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import { outlierRules, type Profile, ProfileError, readProfile } from '../../libraries/profile/index.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';

type Deployment = Resource<DeploymentSpec>;

const pointer = '/spec/logging/outliers/reference';

export function outlierAttachments(deployment: Deployment): readonly AttachmentRequest[] {
  const path = pathOf(deployment);
  return path === undefined ? [] : [{ path, pointer, read: true }];
}

/** The rules of the profile; undefined where none is declared, or it cannot be read: then rows are kept without a score. */
export function outlierRulesOf(deployment: Deployment): readonly OutlierRule[] | undefined {
  const { spreads, rare } = deployment.spec.logging?.outliers ?? {};
  const text = textOf(deployment);
  if (text === undefined) return undefined;
  try {
    return outlierRules(readProfile(text), {
      ...(spreads === undefined ? {} : { spreads }),
      ...(rare === undefined ? {} : { rare }),
    });
  } catch (thrown) {
    if (thrown instanceof ProfileError) return undefined;
    throw thrown;
  }
}

/** What is wrong with the profile: no path, none at all, or of other columns than the model's inputs. */
export function outlierFindings(
  deployment: Deployment,
  inputs: ReadonlyMap<string, string>,
): readonly Finding[] {
  const declared = deployment.spec.logging?.outliers;
  if (declared === undefined) return [];
  if (pathOf(deployment) === undefined) {
    return [
      {
        code: 'InvalidPath',
        pointer,
        message: `"${declared.reference}" is no path in this registry`,
        hint: 'Write a path from the manifest, or with a leading slash from the root of the registry.',
      },
    ];
  }
  const text = textOf(deployment);
  // Not there, too large, or no text: the kernel has said so.
  if (text === undefined) return [];
  let profile: Profile;
  try {
    profile = readProfile(text);
  } catch (thrown) {
    if (!(thrown instanceof ProfileError)) throw thrown;
    const hint = 'Make it anew with: switchyard profile data FILE --out PATH.';
    return [{ code: 'ProfileUnusable', pointer, message: `${declared.reference}: ${thrown.message}`, hint }];
  }
  const judged = outlierRules(profile).filter(({ name, type }) => {
    const datatype = inputs.get(name);
    return datatype !== undefined && (type === 'category' || datatype !== 'BYTES');
  });
  if (judged.length > 0 || inputs.size === 0) return [];
  return [
    {
      code: 'ProfileWithoutEffect',
      pointer,
      message: `no column of ${declared.reference} is an input of ${deployment.spec.model}`,
      hint: `Inputs: ${[...inputs.keys()].join(', ')}.`,
    },
  ];
}

function pathOf(deployment: Deployment): string | undefined {
  const reference = deployment.spec.logging?.outliers?.reference;
  return reference === undefined ? undefined : pathFromManifest(deployment, reference);
}

function textOf(deployment: Deployment): string | undefined {
  const path = pathOf(deployment);
  return path === undefined ? undefined : deployment.attachments.find((one) => one.path === path)?.text;
}
