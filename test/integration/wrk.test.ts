/** Load of a generator that is not ours: whatever ours gets wrong of HTTP, this one does not. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, startServing } from '../plugins/serving/dataplane/fixtures/in-process.ts';
import { linearModel, pin } from '../plugins/serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../plugins/serving/dataplane/fixtures/tables.ts';

/** `wrk --version` ends with 1. */
const missing = spawnSync('wrk', ['--version']).error === undefined ? undefined : 'there is no wrk here';
if (missing !== undefined) console.warn(`skipped: ${missing} (Debian: apt-get install wrk)`);

/** Each question has a number of its own; its answer must be made of that. */
const script = `
local threads = {}
function setup(thread)
  thread:set('seed', #threads * 1000000)
  table.insert(threads, thread)
end
local function question()
  asked = asked + 1
  return wrk.format('POST', '/v2/models/linear/infer', { ['content-type'] = 'application/json' },
    string.format('{"id":"%d","inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[%d]}]}', asked, asked))
end
function init(args)
  asked, right, wrong = seed, 0, 0
  together = tonumber(args[1])
end
function request()
  local questions = {}
  for i = 1, together do questions[i] = question() end
  return table.concat(questions)
end
function response(status, headers, body)
  local id, y = body:match('"id":"(%d+)".*"data":%[(%d+)%]')
  if status == 200 and id and tonumber(y) == 2 * tonumber(id) + 1 then right = right + 1 else wrong = wrong + 1 end
end
function done(summary)
  local right, wrong = 0, 0
  for _, thread in ipairs(threads) do
    right = right + thread:get('right')
    wrong = wrong + thread:get('wrong')
  end
  local e = summary.errors
  io.stderr:write(string.format('{"right":%d,"wrong":%d,"broken":%d}\\n', right, wrong,
    e.connect + e.read + e.write + e.timeout))
end
`;

let folder: string;
let serving: Serving;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-wrk-'));
  await writeFile(join(folder, 'ask.lua'), script);
  serving = await startServing();
  await serving.follow(table(deployment('linear', [pin(folder, '1.0.0', linearModel(2, 1))])));
}, 60_000);

afterAll(async () => {
  await serving.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(missing !== undefined)(
  `a real wrk${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    it.each([
      [1, 64],
      [16, 16],
    ])(
      'asks %d at a time on each of %d connections, and is answered what it asked',
      async (together, connections) => {
        const url = `http://127.0.0.1:${serving.port}`;
        const words = [
          '-t',
          '2',
          '-c',
          String(connections),
          '-d',
          '2s',
          '--timeout',
          '20s',
          '-s',
          'ask.lua',
          url,
          '--',
        ];
        const { stderr } = await promisify(execFile)('wrk', [...words, String(together)], { cwd: folder });
        const { right, ...rest } = JSON.parse(stderr) as { right: number; wrong: number; broken: number };
        expect(rest).toEqual({ wrong: 0, broken: 0 });
        expect(right).toBeGreaterThan(1_000);
      },
      60_000,
    );
  },
);
