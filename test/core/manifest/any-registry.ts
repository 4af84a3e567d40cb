import fc from 'fast-check';
import { deployment, environment, model, version } from './small-registry.ts';

/** Where the files of a random registry may lie: by convention, elsewhere, and beside them what they stand on. */
const paths = [
  'models/fraud/model.yaml',
  'models/fraud/versions/1.0.0.yaml',
  'models/fraud/versions/1.1.0.yaml',
  'models/fraud/card.md',
  'models/churn/model.yaml',
  'environments/dev/environment.yaml',
  'environments/dev/fraud.yaml',
  'elsewhere/all.yaml',
  'models',
  'models/fraud',
];

/** What they may hold: right, wrong in every way, several at once, and what looks like none of ours. */
const contents = [
  model('fraud'),
  model('fraud', 'task: classification'),
  model('fraud', 'task: regression\n  card: models/fraud/card.md'),
  model('fraud', 'task: regression\n  attach: models/fraud/versions/1.1.0.yaml'),
  model('fraud', 'task: guess'),
  `${model('fraud')}  owner: [`,
  model('churn'),
  model('frau'),
  version('fraud', '1.0.0'),
  version('fraud', '1.0.0', 'inputs: 1'),
  version('fraud', '1.1.0', 'inputs: 2'),
  version('fraud', '1.1.0', 'inputs: many'),
  version('churn', '1.0.0', 'inputs: 3, parents: ["0.9.0"]'),
  environment('dev'),
  environment('dev', 'order: 1'),
  deployment('fraud', 'dev', 'model: fraud, version: 1.0.0'),
  deployment('fraud', 'dev', 'model: fraud, version: 1.1.0, replicas: 3'),
  deployment('fraud', 'dev', 'model: frod, version: 1.0.0'),
  `${model('fraud')}---\n${version('fraud', '1.0.0')}---\n${environment('dev')}`,
  `# Moved down.\n${model('fraud')}---\n${model('fraud')}`,
  `${environment('dev')}---\n${deployment('fraud', 'dev', 'model: fraud, version: 1.0.0')}---\n[`,
  'DRAFT',
  '- 1\n',
  '[',
  'link',
  '',
];

type Edit = readonly [path: string, content: string | null];

/** Mostly what belongs to a path, so that whole registries come about and not only ruins. */
const fitting: Readonly<Record<string, RegExp>> = {
  'models/fraud/model.yaml': /kind: Model\n/,
  'models/fraud/versions/1.0.0.yaml': /name: 1\.0\.0, model: fraud/,
  'models/fraud/versions/1.1.0.yaml': /name: 1\.1\.0/,
  'models/churn/model.yaml': /name: churn/,
  'environments/dev/environment.yaml': /^apiVersion: .*\nkind: Environment/,
  'environments/dev/fraud.yaml': /kind: Deployment/,
};

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(...Object.keys(fitting)).chain((path) => {
      const pattern = fitting[path] ?? /./;
      const own = contents.filter((content) => pattern.test(content));
      return fc.tuple(fc.constant(path), fc.constantFrom<string | null>(...own));
    }),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...paths), fc.constantFrom<string | null>(...contents)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...paths), fc.constant(null)) },
);

/** Commits as the files that each of them holds, one after another. */
export const anyHistory: fc.Arbitrary<ReadonlyMap<string, string>[]> = fc
  .array(fc.array(edit, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 6 })
  .map((commits) => {
    let files = new Map<string, string>();
    return commits.map((edits) => {
      files = new Map(files);
      for (const [path, content] of edits) apply(files, path, content);
      return files;
    });
  });

/** A path is a file or a folder, and not both. */
function apply(files: Map<string, string>, path: string, content: string | null): void {
  files.delete(path);
  if (content === null) return;
  for (const other of [...files.keys()]) {
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other);
  }
  files.set(path, content);
}
