/** Git LFS, as far as one who downloads needs it: pointers, the address of a server, and what its batch API says. */
export { type BatchAnswer, batchRequest, lfsMediaType, readBatchAnswer } from './batch.ts';
export { endpointOfRemote } from './endpoint.ts';
export { type LfsPointer, largestPointer, looksLikePointer, parsePointer } from './pointer.ts';
