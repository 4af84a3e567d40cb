/** A folder of files named by what they contain. Nothing half-written is ever visible in it. */
export { type CachedContent, ContentCache, openContentCache } from './content-cache.ts';
export { ContentCacheError, type ContentCacheProblem } from './error.ts';
export { type ContentId, contentKey, type Part, type ResumeFrom, type Source } from './receive.ts';
