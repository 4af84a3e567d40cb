import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { referenceProfiles } from '../../core/capabilities/reference-profiles.ts';
import type { Host } from '../../core/plugin.ts';
import { defaultLicences, licenceCheck } from './checks/licence-check.ts';
import { lineageCheck } from './checks/lineage-check.ts';
import { modelCardCheck } from './checks/model-card-check.ts';
import { quarantineCheck } from './checks/quarantine-check.ts';
import { referenceProfileCheck } from './checks/reference-profile-check.ts';
import { semanticVersionCheck } from './checks/semantic-version-check.ts';
import { signatureCheck } from './checks/signature-check.ts';
import { datasetKind } from './dataset.ts';
import { datasetController } from './dataset-controller.ts';
import { modelKind } from './model.ts';
import { modelController } from './model-controller.ts';
import { modelVersionKind } from './model-version.ts';
import { modelVersionController } from './model-version-controller.ts';
import { referenceProfileProvider } from './reference-profile-provider.ts';

/** What runs of this plugin: apart from its declaration, so that reading manifests loads no check. */
export function setUpModels(host: Host, allowedLicences: readonly string[] = defaultLicences): void {
  const readBlob = (blob: string) => host.readBlob(blob);
  host.control(modelKind, modelController());
  host.control(modelVersionKind, modelVersionController(readBlob));
  host.control(datasetKind, datasetController(readBlob));
  host.provide(proposalCheck, 'signature', signatureCheck);
  host.provide(proposalCheck, 'semantic-version', semanticVersionCheck);
  host.provide(proposalCheck, 'model-card', modelCardCheck);
  host.provide(proposalCheck, 'lineage', lineageCheck);
  host.provide(proposalCheck, 'quarantine', quarantineCheck);
  host.provide(proposalCheck, 'licence', licenceCheck(allowedLicences));
  host.provide(proposalCheck, 'reference-profile', referenceProfileCheck(readBlob));
  host.provide(referenceProfiles, 'registry', referenceProfileProvider(readBlob));
}
