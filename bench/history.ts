import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelHistory } from '../cli/time-travel/model-history.ts';
import { servedAt } from '../cli/time-travel/served-at.ts';
import { openRepository } from '../libraries/git/open-repository.ts';
import { type Bench, round } from './report.ts';

const models = 20;
const environments = ['dev', 'staging', 'production'];
const start = Date.parse('2026-01-01T00:00:00Z') / 1000;

/** Looking back over 10,000 commits, against what `git rev-list` alone takes for one file. */
export const history: Bench = {
  name: 'history',
  description: 'what was serving at a moment, and what happened to a model, against one git rev-list',

  async run({ quick, progress }) {
    const commits = quick ? 1_000 : 10_000;
    const rounds = quick ? 5 : 20;
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-history-'));
    try {
      progress(`making ${commits} commits`);
      makeHistory(folder, commits);
      const repository = await openRepository(folder);
      const head = (await repository.resolve('main')) ?? '';
      const path = 'environments/production/model-7.yaml';
      progress('asking');
      const floor = await p50(rounds, async () => {
        spawnSync('git', ['rev-list', '--first-parent', '--max-count=20', 'main', '--', path], {
          cwd: folder,
        });
      });
      const at = await p50(rounds, async (round) => {
        const time = start + Math.floor(((round + 0.5) / rounds) * commits) * 60;
        const { deployments } = await servedAt(repository, head, {
          time,
          environment: 'production',
          journal: [],
        });
        if (deployments.length !== models) throw new Error(`${deployments.length} deployments`);
      });
      const one = await p50(rounds, async (round) => {
        const time = start + Math.floor(((round + 0.5) / rounds) * commits) * 60;
        await servedAt(repository, head, { time, environment: 'production', model: 'model-7', journal: [] });
      });
      const told = await p50(rounds, async (round) => {
        const entries = await modelHistory(repository, head, `model-${round % models}`, 20);
        if (entries.length !== 20) throw new Error(`${entries.length} entries`);
      });
      await repository.close();
      return {
        tables: [
          {
            title: `Over ${commits} commits, ${models} models in ${environments.length} environments: milliseconds, p50`,
            columns: ['what', 'ms', '/ floor'],
            rows: [
              ['floor: git rev-list of one file, 20 commits', round(floor), 1],
              [`at: all ${models} deployments of production`, round(at), round(at / floor)],
              ['at: one model in production', round(one), round(one / floor)],
              ['history of one model, 20 commits', round(told), round(told / floor)],
            ],
          },
        ],
        numbers: { floorMs: floor, atMs: at, atOneMs: one, historyMs: told },
        targets: [
          { name: 'at', limit: '<= 300 ms', measured: `${round(at)} ms`, pass: at <= 300 },
          { name: 'history', limit: '<= 300 ms', measured: `${round(told)} ms`, pass: told <= 300 },
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A commit a minute, each of which moves one deployment to its next version. */
function makeHistory(folder: string, commits: number): void {
  const git = (words: readonly string[], input?: string) => {
    const ran = spawnSync('git', words, { cwd: folder, input, maxBuffer: 2 ** 30 });
    if (ran.status !== 0) throw new Error(`git ${words[0]}: ${ran.stderr}`);
  };
  git(['init', '-q', '-b', 'main', '.']);
  const parts: string[] = [];
  for (let index = 0; index < commits; index++) {
    const message =
      index === 0 ? 'feat: begin' : `Merge proposal ${index}: Promote\n\nSwitchyard-Proposal: ${index}`;
    parts.push(
      'commit refs/heads/main\n',
      `committer Ada <ada@example.com> ${start + index * 60} +0000\n`,
      `data ${Buffer.byteLength(message)}\n${message}\n`,
    );
    const files: [string, string][] = [];
    if (index === 0) {
      for (let model = 0; model < models; model++) {
        for (const environment of environments) files.push(deployment(environment, model, 0));
        for (let version = 0; version < 3; version++) files.push(modelVersion(model, version));
      }
    } else
      files.push(deployment(environments[Math.floor(index / models) % 3] ?? 'dev', index % models, index));
    for (const [path, text] of files)
      parts.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
    parts.push('\n');
  }
  git(['fast-import', '--quiet'], parts.join(''));
}

function deployment(environment: string, model: number, index: number): [string, string] {
  const name = `model-${model}`;
  return [
    `environments/${environment}/${name}.yaml`,
    `apiVersion: switchyard/v1
kind: Deployment
metadata: { name: ${name}, environment: ${environment} }
spec:
  model: ${name}
  version: 1.${Math.floor(index / (3 * models)) % 3}.0
  keepWarm: ${1 + (index % 50)}m
`,
  ];
}

function modelVersion(model: number, version: number): [string, string] {
  const digest = `sha256:${String(model * 10 + version).padStart(64, '0')}`;
  return [
    `models/model-${model}/versions/1.${version}.0.yaml`,
    `apiVersion: switchyard/v1
kind: ModelVersion
metadata: { name: 1.${version}.0, model: model-${model} }
spec:
  artifact: { uri: file:../artifacts/1.${version}.0.onnx, digest: ${digest}, size: 100, format: onnx }
`,
  ];
}

async function p50(rounds: number, work: (round: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let each = 0; each < rounds; each++) {
    const started = performance.now();
    await work(each);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? Number.NaN;
}
