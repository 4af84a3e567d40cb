/** For plugins that bring the proposals of a host (GitHub and its like): what such forges have in common. */
export { operatorSecret, text } from './credentials.ts';
export { type DeliveryOptions, type Heard, isHmac, isSecret } from './deliveries.ts';
export { blobId, digestOf } from './draft-digest.ts';
export { invalidForgeSetting } from './errors.ts';
export type { ForgeHost, Note, Pull, PullQuery } from './forge-host.ts';
export { headAt } from './head-at.ts';
export { heardPullRequest } from './heard-pull-request.ts';
export { type HostedForgeOptions, hostedForge } from './hosted-forge.ts';
export { cut } from './marker.ts';
export { apiBase, type Place, placeOf } from './place.ts';
export { branchOf, branchPrefix } from './proposal-branch.ts';
export { type ProvidedForge, provideHostedForge } from './provide-hosted-forge.ts';
export { Refusal, refusable, refused } from './refusal.ts';
export { checkPrefix, readStatusText, statusText } from './status-text.ts';
export { type TokenSettings, tokenSettings } from './token-settings.ts';
