import { definePlugin } from '../../core/plugin.ts';
import { datasetKind } from './dataset.ts';
import { datasetController } from './dataset-controller.ts';
import { modelKind } from './model.ts';
import { modelController } from './model-controller.ts';
import { modelVersionKind } from './model-version.ts';
import { modelVersionController } from './model-version-controller.ts';

export const plugin = definePlugin({
  name: 'models',
  description: 'Models, their versions, and the datasets that they are made from.',
  kinds: [modelKind, modelVersionKind, datasetKind],
  setup(host) {
    const readBlob = (blob: string) => host.readBlob(blob);
    host.control(modelKind, modelController());
    host.control(modelVersionKind, modelVersionController(readBlob));
    host.control(datasetKind, datasetController(readBlob));
  },
});
