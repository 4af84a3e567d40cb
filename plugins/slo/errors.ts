import { SwitchyardError } from '../../core/plugin.ts';

export const promisesNothing = (deployment: string) =>
  new SwitchyardError('PromisesNothing', `${deployment} promises nothing here`, {
    where: deployment,
    status: 404,
    hint: 'Is there such a deployment, and does it have spec.slo? List those that do with: switchyard slo.',
  });
