import { compareIssues, type Issue } from '../../../core/manifest/issue.ts';
import { compileKinds } from '../../../core/manifest/kind-set.ts';
import { issuesOf } from '../../../core/manifest/manifest-files.ts';
import { parseManifests } from '../../../core/manifest/parse.ts';
import { examine } from '../../../core/manifest/validate.ts';
import { smallKinds } from './small-kinds.ts';

/** What is wrong with one file by itself. */
export function examineFile(content: string | Uint8Array, path = 'models/fraud/model.yaml'): Issue[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const parsed = parseManifests(bytes);
  const file = { path, mentions: parsed.mentions, documents: parsed.documents.length };
  const kinds = compileKinds(smallKinds);
  return parsed.documents
    .flatMap((document) => {
      const examined = examine(document, file, kinds);
      return examined ? issuesOf({ path, index: 0, document, ...examined }) : [];
    })
    .sort(compareIssues);
}
