/** A folder of files named by what they contain. Nothing half-written is ever visible in it. */
export { type CachedContent, ContentCache, type ContentId, openContentCache } from './content-cache.ts';
export { ContentCacheError, type ContentCacheProblem } from './error.ts';
