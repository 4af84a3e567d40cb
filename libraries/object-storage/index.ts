/** Objects in a bucket of whatever speaks the HTTP API of Amazon S3: put from files, fetched into files, listed, removed. */
export { ObjectStorageError } from './error.ts';
export {
  type FoundObject,
  ObjectStorage,
  type ObjectStorageOptions,
  type OpenedObject,
  type StoredObject,
} from './object-storage.ts';
export type { BucketPlace, Credentials } from './signed-request.ts';
