import type { Issue } from '../../core/manifest/issue.ts';

/** Issues as SARIF 2.1.0, which code-scanning dashboards and editors read. */
export function issuesAsSarif(issues: readonly Issue[], version: string): unknown {
  const codes = [...new Set(issues.map((issue) => issue.code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'switchyard',
            version,
            rules: codes.map((code) => ({
              id: code,
              shortDescription: { text: wordsOf(code) },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: issues.map((issue) => ({
          ruleId: issue.code,
          ruleIndex: codes.indexOf(issue.code),
          level: issue.severity,
          message: { text: issue.hint ? `${issue.message}. ${issue.hint}` : issue.message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: issue.path.split('/').map(encodeURIComponent).join('/') },
                region: { startLine: issue.line, startColumn: issue.column },
              },
              ...(issue.ref
                ? { logicalLocations: [{ fullyQualifiedName: issue.ref, kind: 'resource' }] }
                : {}),
            },
          ],
          // The same issue on another line of the next commit is still the same issue.
          partialFingerprints: { switchyard: [issue.code, issue.path, issue.pointer].join('|') },
        })),
      },
    ],
  };
}

/** `MissingReference` → `Missing reference`. */
function wordsOf(code: string): string {
  const words = code.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
