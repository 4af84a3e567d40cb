import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeEach, describe, expect, it } from 'vitest';
import { stateDiskFull } from '../../../core/state/errors.ts';
import { createApp } from '../../../server/api/app.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';
import { type Contract, contractOf } from './contract.ts';
import type { KernelInMemory } from './kernel-in-memory.ts';
import { condition, first, resource, second, smallPlatform, third, view } from './world.ts';

let kernel: KernelInMemory;
let log: RecordingLog;
let contract: Contract;
const everSeen = new Set<string>();

beforeEach(async () => {
  kernel = await smallPlatform();
  log = recordingLog();
  contract = await contractOf(createApp({ kernel, log }));
});

/** What an answer says, after it was held against the document. */
async function ask(path: string, init?: RequestInit) {
  const answer = await contract.ask(path, init);
  for (const each of contract.seen) everSeen.add(each);
  const text = await answer.text();
  const isJson = answer.headers.get('content-type') === 'application/json' && text !== '';
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}

function post(path: string, body?: unknown) {
  const headers = { 'content-type': 'application/json' };
  return ask(path, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers }),
  });
}

describe('the head', () => {
  it('says where the registry is, what is applied and in which phase the kernel is', async () => {
    const { status, body } = await ask('/api/v1/head');
    expect(status).toBe(200);
    expect(body).toEqual({ ...kernel.headNow, phase: 'running' });
  });

  it('shows a held commit and a failed look', async () => {
    kernel.headNow = {
      ...kernel.headNow,
      applied: null,
      commit: null,
      lookedAt: null,
      held: { commit: third, reason: 'MassRemovalHeld', message: 'it would remove 9 of 10 resources' },
      error: { code: 'RemoteUnreachable', message: 'no answer' },
    };
    expect((await ask('/api/v1/head')).body).toMatchObject({
      held: { commit: third, reason: 'MassRemovalHeld' },
      error: { code: 'RemoteUnreachable' },
    });
  });
});

describe('looking', () => {
  it.each([
    ['without a body', undefined],
    ['with whatever body a forge sends', { ref: 'refs/heads/main', after: second }],
  ])('is asked for %s', async (_how, body) => {
    expect(await post('/api/v1/look', body)).toMatchObject({ status: 202 });
    expect(kernel.looks).toBe(1);
  });
});

describe('resources', () => {
  it('are listed in order of ref, each with its document, how it is and what is wrong', async () => {
    const { status, body } = await ask('/api/v1/resources');
    expect(status).toBe(200);
    expect(body.next).toBeNull();
    expect(body.items.map((item: { ref: string }) => item.ref)).toEqual([
      'Deployment/production/bird-strike',
      'Deployment/staging/bird-strike',
      'Deployment/staging/broken',
      'Model/bird-strike',
    ]);
    const {
      ref: _ref,
      attachments: _attachments,
      ...document
    } = resource('Deployment', 'bird-strike', 'production');
    expect(body.items[0]).toEqual({
      ...document,
      ref: 'Deployment/production/bird-strike',
      status: {
        conditions: [condition('Ready', 'True')],
        observedDigest: document.digest,
        suspended: false,
        facts: { version: '1.3.0' },
      },
      issues: [],
    });
    expect(body.items[3].status).toBeNull();
  });

  it('are listed without a spec where the document was never valid', async () => {
    const { body } = await ask('/api/v1/resources/Deployment/staging/broken');
    expect(body).toMatchObject({
      kind: 'Deployment',
      metadata: { name: 'broken', environment: 'staging' },
      status: null,
      issues: [{ code: 'UnknownField', line: 7 }],
    });
    expect(body).not.toHaveProperty('spec');
  });

  it.each([
    ['kind=Deployment', 3],
    ['kind=deployments', 3],
    ['kind=DEPLOY', 3],
    ['kind=Model', 1],
    ['environment=staging', 2],
    ['environment=nowhere', 0],
    ['ready=True', 1],
    ['ready=False', 1],
    ['ready=Unknown', 2],
    ['kind=deploy&environment=staging&ready=False', 1],
  ])('are narrowed down by %s', async (query, length) => {
    expect((await ask(`/api/v1/resources?${query}`)).body.items).toHaveLength(length);
  });

  it('come in pages that together hold each of 1,234 once', async () => {
    kernel.views = Array.from({ length: 1_234 }, (_, index) =>
      view(resource('Model', `m${String(index).padStart(4, '0')}`), []),
    );
    const refs: string[] = [];
    let pages = 0;
    for (let after: string | null = ''; after !== null; pages += 1) {
      const { body } = await ask(`/api/v1/resources?${after === '' ? '' : new URLSearchParams({ after })}`);
      refs.push(...body.items.map((item: { ref: string }) => item.ref));
      after = body.next;
    }
    expect(pages).toBe(3);
    expect(refs).toEqual(kernel.views.map(({ ref }) => ref));
    expect((await ask('/api/v1/resources?limit=7')).body.items).toHaveLength(7);
  });

  it('are found by kind, plural or short name, with their scope where they have one', async () => {
    for (const kind of ['Deployment', 'deployments', 'deploy']) {
      expect((await ask(`/api/v1/resources/${kind}/production/bird-strike`)).body.ref).toBe(
        'Deployment/production/bird-strike',
      );
    }
    expect((await ask('/api/v1/resources/models/bird-strike')).body.ref).toBe('Model/bird-strike');
  });

  it('are told apart from those that are not there', async () => {
    expect(await ask('/api/v1/resources/Deployment/production/absent')).toMatchObject({
      status: 404,
      body: {
        error: { code: 'ResourceNotFound', message: 'there is no resource Deployment/production/absent' },
      },
    });
    expect(await ask('/api/v1/resources/Model/absent')).toMatchObject({ status: 404 });
    expect(await ask('/api/v1/resources/Deploymet/production/bird-strike')).toMatchObject({
      status: 404,
      body: { error: { code: 'UnknownKind', hint: 'Did you mean `deployments`?' } },
    });
    expect(await ask('/api/v1/resources?kind=nothing-like-it-at-all')).toMatchObject({
      status: 404,
      body: { error: { code: 'UnknownKind', hint: expect.stringContaining('models') } },
    });
  });

  it('are found by a kind that no plugin brings any more', async () => {
    kernel.kindsNow = [];
    expect(await ask('/api/v1/resources/model/bird-strike')).toMatchObject({ status: 200 });
    expect(await ask('/api/v1/resources?kind=Model')).toMatchObject({ status: 200 });
  });

  it('are reconciled when asked to be', async () => {
    expect(await post('/api/v1/resources/deploy/production/bird-strike/reconcile')).toMatchObject({
      status: 202,
    });
    expect(await post('/api/v1/resources/Model/bird-strike/reconcile', {})).toMatchObject({ status: 202 });
    expect(kernel.woken).toEqual(['Deployment/production/bird-strike', 'Model/bird-strike']);
  });

  it('are not reconciled where they are not there, or something unknown is asked', async () => {
    expect(await post('/api/v1/resources/Model/absent/reconcile')).toMatchObject({ status: 404 });
    expect(await post('/api/v1/resources/Deployment/production/absent/reconcile')).toMatchObject({
      status: 404,
    });
    expect(await post('/api/v1/resources/Model/bird-strike/reconcile', { force: true })).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidBody' } },
    });
    expect(kernel.woken).toEqual([]);
  });
});

describe('issues', () => {
  it('are listed with their places', async () => {
    const { body } = await ask('/api/v1/issues');
    expect(body).toEqual({ items: kernel.issuesNow, next: null });
  });

  it('are narrowed down and come in pages', async () => {
    expect((await ask('/api/v1/issues?severity=warning')).body.items).toEqual([kernel.issuesNow[1]]);
    const { body } = await ask('/api/v1/issues?limit=1');
    expect(body).toEqual({ items: [kernel.issuesNow[0]], next: 1 });
    expect((await ask(`/api/v1/issues?limit=1&after=${body.next}`)).body).toEqual({
      items: [kernel.issuesNow[1]],
      next: null,
    });
  });
});

describe('kinds and plugins', () => {
  it('are listed', async () => {
    expect((await ask('/api/v1/kinds')).body.items).toEqual([
      {
        kind: 'Deployment',
        plural: 'deployments',
        shortNames: ['deploy'],
        description: 'A Deployment.',
        scope: 'environment',
        path: 'deployments/{name}.yaml',
        columns: [{ title: 'Version', pointer: '/spec/version' }],
        plugin: 'rollout',
      },
      expect.objectContaining({ kind: 'Model', scope: null, plugin: null }),
    ]);
    expect((await ask('/api/v1/plugins')).body.items).toEqual(kernel.pluginsNow);
  });

  it('tell the schema of one kind', async () => {
    expect((await ask('/api/v1/kinds/deploy')).body).toMatchObject({
      kind: 'Deployment',
      schema: kernel.kindsNow[0]?.schema,
    });
    expect(await ask('/api/v1/kinds/deploi')).toMatchObject({ status: 404 });
  });
});

describe('snapshots', () => {
  it('are listed newest first, with their issues counted', async () => {
    const { body } = await ask('/api/v1/snapshots');
    expect(body.items.map((item: { commit: string }) => item.commit)).toEqual([second, first]);
    expect(body.items[0]).toMatchObject({ resources: 3, issueCount: 2 });
    expect(body.items[0]).not.toHaveProperty('issues');
    expect((await ask('/api/v1/snapshots?limit=1')).body.items).toHaveLength(1);
  });

  it('are shown whole by commit', async () => {
    expect((await ask(`/api/v1/snapshots/${second}`)).body).toMatchObject({
      commit: second,
      issues: kernel.issuesNow,
    });
    expect(await ask(`/api/v1/snapshots/${third}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'SnapshotNotFound' } },
    });
    expect(await ask('/api/v1/snapshots/main')).toMatchObject({
      status: 400,
      body: {
        error: { code: 'InvalidParameter', where: 'path commit', hint: 'The whole id of the commit.' },
      },
    });
  });

  it('that are held are let through by name', async () => {
    kernel.headNow = {
      ...kernel.headNow,
      held: { commit: third, reason: 'MassRemovalHeld', message: 'much' },
    };
    expect(await post(`/api/v1/snapshots/${third}/acknowledge`, { by: 'ada' })).toMatchObject({
      status: 200,
      body: { commit: third, by: 'ada' },
    });
    await post(`/api/v1/snapshots/${third}/acknowledge`);
    expect(kernel.acknowledged).toEqual([
      { commit: third, by: 'ada' },
      { commit: third, by: 'someone at the API' },
    ]);
  });

  it('that are not held cannot be let through', async () => {
    expect(await post(`/api/v1/snapshots/${second}/acknowledge`, { by: 'ada' })).toMatchObject({
      status: 409,
      body: { error: { code: 'NothingHeld' } },
    });
  });

  it.each([
    [{ by: '' }, 'by must not be empty'],
    [{ by: 'x'.repeat(201) }, 'at most 200 characters'],
    [{ by: 7 }, 'by must be text'],
    [['ada'], 'must be an object'],
    [{ byy: 'ada' }, 'byy is not a field'],
  ])('are not let through by %j', async (body, problem) => {
    kernel.headNow = {
      ...kernel.headNow,
      held: { commit: third, reason: 'MassRemovalHeld', message: 'much' },
    };
    const answer = await post(`/api/v1/snapshots/${third}/acknowledge`, body);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidBody', message: expect.stringContaining(problem) } },
    });
    expect(kernel.acknowledged).toEqual([]);
  });

  it('tell what was meant by a misspelt field', async () => {
    const { body } = await post(`/api/v1/snapshots/${third}/acknowledge`, { byy: 'ada' });
    expect(body.error.hint).toBe('Did you mean `by`?');
  });
});

describe('plans', () => {
  it('are listed with their changes and steps counted', async () => {
    expect((await ask('/api/v1/plans?limit=5')).body.items).toEqual([
      { from: first, to: second, time: '2026-03-01T12:00:00.000Z', changeCount: 2, stepCount: 2 },
    ]);
  });

  it('are shown whole by the commit that they lead to', async () => {
    const { body } = await ask(`/api/v1/plans/${second}`);
    expect(body.changes[0].steps).toHaveLength(2);
    expect(body.changes[0].fields[0]).toEqual({ pointer: '/spec/version', before: '1.2.0', after: '1.3.0' });
    expect(await ask(`/api/v1/plans/${third}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'PlanNotFound' } },
    });
    expect(await ask('/api/v1/plans/HEAD')).toMatchObject({ status: 400 });
  });
});

describe('the journal', () => {
  const sequences = async (query: string) =>
    (await ask(`/api/v1/journal?${query}`)).body.items.map((item: { sequence: number }) => item.sequence);

  it('is read newest first, and found by resource, type and commit', async () => {
    expect(await sequences('')).toEqual([5, 4, 3, 2, 1]);
    expect(await sequences('ref=Deployment/production/bird-strike')).toEqual([4, 2]);
    expect(await sequences('type=snapshot.applied')).toEqual([5, 3, 1]);
    expect(await sequences(`commit=${second}&type=snapshot.applied`)).toEqual([5]);
    expect(await sequences('after=3')).toEqual([5, 4]);
  });

  it('comes in pages', async () => {
    const { body } = await ask('/api/v1/journal?limit=3');
    expect(body.next).toBe(3);
    expect(await sequences(`limit=3&before=${body.next}`)).toEqual([2, 1]);
    expect((await ask('/api/v1/journal?limit=5')).body.next).toBeNull();
  });
});

describe('probes and metrics', () => {
  it('tell that the process is alive, whatever else is wrong', async () => {
    kernel.phase = 'stopping';
    expect(await ask('/healthz')).toMatchObject({ status: 200, body: { status: 'alive' } });
  });

  it('tell that the platform is ready', async () => {
    const { status, body } = await ask('/readyz');
    expect(status).toBe(200);
    expect(body.ready).toBe(true);
    expect(body.checks.map((check: { status: string }) => check.status)).toEqual([
      'pass',
      'pass',
      'pass',
      'pass',
    ]);
  });

  it('tell that it is not ready before the first commit, nor once it stops', async () => {
    kernel.headNow = { ...kernel.headNow, applied: null };
    kernel.phase = 'starting';
    expect(await ask('/readyz')).toMatchObject({ status: 503, body: { ready: false } });
    kernel.headNow = { ...kernel.headNow, applied: second };
    kernel.phase = 'stopping';
    expect(await ask('/readyz')).toMatchObject({ status: 503, body: { ready: false } });
  });

  it('tell that it is not ready while the registry cannot be read, without repeating where it is', async () => {
    kernel.headNow = {
      ...kernel.headNow,
      error: { code: 'RemoteUnreachable', message: 'of a private place' },
    };
    const { status, body, text } = await ask('/readyz');
    expect(status).toBe(503);
    expect(body.checks).toContainEqual({
      name: 'repository',
      status: 'fail',
      message: expect.stringContaining('RemoteUnreachable'),
    });
    expect(text).not.toContain('private');
  });

  it('warn of a held commit without taking the API away from who must decide', async () => {
    kernel.headNow = {
      ...kernel.headNow,
      held: { commit: third, reason: 'MassRemovalHeld', message: 'of a private thing' },
    };
    const { status, body, text } = await ask('/readyz');
    expect(status).toBe(200);
    expect(body.checks.map((check: { name: string; status: string }) => [check.name, check.status])).toEqual([
      ['process', 'pass'],
      ['first-commit', 'pass'],
      ['repository', 'pass'],
      ['held-commit', 'warn'],
    ]);
    expect(text).not.toContain('private');
  });

  it('give the metrics as Prometheus reads them', async () => {
    const { status, headers, text } = await ask('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toBe('switchyard_up 1\n');
  });
});

describe('the front door', () => {
  it('lists what there is for a program and leads a person to the reference', async () => {
    expect((await ask('/')).body).toMatchObject({ name: 'switchyard', links: { docs: '/docs' } });
    const { status, headers } = await ask('/', { headers: { accept: 'text/html,*/*' } });
    expect([status, headers.get('location')]).toEqual([302, '/docs']);
  });
});

describe('the reference', () => {
  it('is a page that loads nothing from elsewhere and runs no inline script', async () => {
    const { status, headers, text } = await ask('/docs');
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(loaded.length).toBeGreaterThan(3);
    for (const path of loaded) {
      expect(path).not.toMatch(/^\w+:|^\/\//);
      expect(await ask(`/${path}`), path).toMatchObject({ status: 200 });
    }
    expect(text).not.toMatch(/<script>|onload=|style=/);
  });

  it('serves its own files alone', async () => {
    expect((await ask('/docs/assets/swagger-ui.css')).headers.get('content-type')).toContain('text/css');
    for (const path of ['package.json', '..%2f..%2fpackage.json', 'index.html']) {
      expect(await ask(`/docs/assets/${path}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'AssetMissing' } },
      });
    }
  });

  it('is made of a valid OpenAPI 3.1 document', async () => {
    expect((await ask('/openapi.json')).body).toEqual(contract.document);
    const result = await new Validator().validate({ ...contract.document });
    expect(result).toMatchObject({ valid: true });
    expect(contract.document.openapi).toBe('3.1.0');
  });

  it('describes every parameter, with an example, and every field of every answer', () => {
    const problems: string[] = [];
    const walk = (value: unknown, where: string) => {
      if (typeof value !== 'object' || value === null) return;
      const { properties } = value as { properties?: Record<string, Record<string, unknown>> };
      if (properties && !where.includes('examples')) {
        for (const [name, property] of Object.entries(properties)) {
          const isDescribed = ['description', '$ref', 'anyOf'].some((key) => key in property);
          if (!isDescribed && property.type !== 'object') problems.push(`${where}/${name}`);
        }
      }
      for (const [key, inner] of Object.entries(value)) walk(inner, `${where}/${key}`);
    };
    walk(contract.document.components, '');
    expect(problems).toEqual([]);
    for (const [path, operations] of Object.entries(contract.document.paths)) {
      for (const operation of Object.values(operations)) {
        const { parameters, summary } = operation as unknown as {
          parameters: Record<string, unknown>[];
          summary: string;
        };
        expect(summary, path).toBeTruthy();
        for (const parameter of parameters) {
          expect(parameter, path).toMatchObject({
            description: expect.any(String),
            example: expect.anything(),
          });
        }
      }
    }
  });
});

describe('plugins’ own routes', () => {
  beforeEach(() => {
    kernel.routes.set('rollout', async (request, path) =>
      path === 'absent'
        ? undefined
        : Response.json({ path, method: request.method, said: await request.text() }),
    );
    kernel.routes.set('serving', async () => {
      throw new Error('secret-of-the-plugin');
    });
    kernel.pluginsNow = [
      ...kernel.pluginsNow,
      { name: '@birds/rollout', description: 'Other.', kinds: [], provides: [], needs: [] },
    ];
    kernel.routes.set('@birds/rollout', async (_request, path) => new Response(`of the birds: ${path}`));
  });

  it('are answered by the plugin, with the path below its name', async () => {
    expect((await ask('/plugins/rollout/some/where?x=1')).body).toEqual({
      path: 'some/where',
      method: 'GET',
      said: '',
    });
    expect((await ask('/plugins/rollout')).body).toMatchObject({ path: '' });
    expect((await post('/plugins/rollout/act', { a: 1 })).body).toEqual({
      path: 'act',
      method: 'POST',
      said: '{"a":1}',
    });
    expect((await ask('/plugins/@birds/rollout/nest')).text).toBe('of the birds: nest');
    expect((await ask('/plugins/rollout/x')).headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('are not found where the plugin has none', async () => {
    for (const path of ['/plugins/rollout/absent', '/plugins/unknown/x', '/plugins/', '/plugins/%E0%A4%A']) {
      expect(await ask(path), path).toMatchObject({ status: 404, body: { error: { code: 'NoSuchRoute' } } });
    }
  });

  it('fail without telling what happened inside, and the log tells', async () => {
    const { status, text } = await ask('/plugins/serving/x');
    expect(status).toBe(500);
    expect(text).not.toContain('secret-of-the-plugin');
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('take no body that a web page may send without asking', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded; charset=utf-8',
      'multipart/form-data',
    ]) {
      const headers = { 'content-type': type };
      expect(await ask('/plugins/rollout/act', { method: 'POST', body: 'a=1', headers }), type).toMatchObject(
        {
          status: 415,
        },
      );
    }
  });

  it('by POST, want a content type without a body too, and say so', async () => {
    const { status, body } = await ask('/plugins/rollout/act', { method: 'POST', body: new Uint8Array() });
    expect(status).toBe(415);
    expect(body.error).toMatchObject({
      code: 'UnsupportedMediaType',
      message: 'a POST must say a content type here',
      hint: expect.stringContaining('without a body too'),
    });
    const headers = { 'content-type': 'application/json' };
    expect((await ask('/plugins/rollout/act', { method: 'POST', headers })).status).toBe(200);
  });
});

describe('bad requests', () => {
  it.each([
    ['/api/v1/resources?knd=Model', 'UnknownParameter', 'Did you mean `kind`?'],
    ['/api/v1/head?verbose=1', 'UnknownParameter', 'This route takes none.'],
    ['/api/v1/journal?limit=1&limit=2', 'InvalidParameter', undefined],
    ['/api/v1/journal?limit=0', 'InvalidParameter', 'At most so many. Default 100.'],
    ['/api/v1/journal?limit=1001', 'InvalidParameter', 'At most so many. Default 100.'],
    ['/api/v1/journal?limit=ten', 'InvalidParameter', 'At most so many. Default 100.'],
    ['/api/v1/journal?limit=1e3', 'InvalidParameter', 'At most so many. Default 100.'],
    ['/api/v1/journal?limit=', 'InvalidParameter', 'At most so many. Default 100.'],
    ['/api/v1/journal?after=-1', 'InvalidParameter', undefined],
    ['/api/v1/resources?ready=true', 'InvalidParameter', 'Did you mean `True`?'],
    ['/api/v1/resources?kind=', 'InvalidParameter', undefined],
    ['/api/v1/snapshots?limit=501', 'InvalidParameter', undefined],
    ['/api/v1/plans?limit=501', 'InvalidParameter', undefined],
    ['/api/v1/kinds?x=1', 'UnknownParameter', 'This route takes none.'],
    ['/api/v1/plugins?x=1', 'UnknownParameter', undefined],
    ['/api/v1/issues?severity=errors', 'InvalidParameter', 'Did you mean `error`?'],
    ['/metrics?name=x', 'UnknownParameter', undefined],
  ])('GET %s is refused with %s', async (path, code, hint) => {
    const { status, body } = await ask(path);
    expect(status).toBe(400);
    expect(body.error.code).toBe(code);
    if (hint !== undefined) expect(body.error.hint).toBe(hint);
  });

  it('to nowhere are told so', async () => {
    for (const path of [
      '/api/v1/resource',
      '/api/v2/head',
      '/api/v1/head/',
      '/favicon.ico',
      '/api/v1/resources/a/b/c/d',
    ]) {
      expect(await ask(path), path).toMatchObject({ status: 404, body: { error: { code: 'NoSuchRoute' } } });
    }
  });

  it('by a method that is not answered name those that are', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, headers, body } = await ask('/api/v1/head', { method });
      expect(status).toBe(405);
      expect(headers.get('allow')).toBe('GET, HEAD');
      expect(body.error).toMatchObject({ code: 'MethodNotAllowed', hint: 'It answers GET, HEAD.' });
    }
    expect((await ask('/api/v1/look')).headers.get('allow')).toBe('POST');
    expect(kernel.looks).toBe(0);
  });

  it('with a body that is not JSON change nothing', async () => {
    const send = (body: string | Uint8Array<ArrayBuffer>, type: string | undefined) =>
      ask('/api/v1/look', {
        method: 'POST',
        body,
        headers: type === undefined ? {} : { 'content-type': type },
      });
    expect(await send('{', 'application/json')).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidBody' } },
    });
    expect(await send(new Uint8Array([0x22, 0xff, 0x22]), 'application/json')).toMatchObject({ status: 400 });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json-seq',
      undefined,
    ]) {
      expect(await send('{}', type), type).toMatchObject({
        status: 415,
        body: { error: { code: 'UnsupportedMediaType' } },
      });
    }
    expect(await send('{}', 'Application/JSON; charset=utf-8')).toMatchObject({ status: 202 });
    expect(kernel.looks).toBe(1);
  });

  it('with a body over 1 MiB are cut off, whether its length is said or not', async () => {
    const large = JSON.stringify('x'.repeat(1024 * 1024));
    const headers = { 'content-type': 'application/json' };
    const said = { ...headers, 'content-length': String(large.length) };
    const streamed: RequestInit & { duplex: 'half' } = {
      body: new Blob([large]).stream(),
      headers,
      duplex: 'half',
    };
    for (const init of [{ body: large, headers: said }, streamed]) {
      const answer = await ask('/api/v1/look', { method: 'POST', ...init });
      expect(answer).toMatchObject({ status: 413, body: { error: { code: 'BodyTooLarge' } } });
    }
    expect(kernel.looks).toBe(0);
  });
});

describe('failures inside', () => {
  it('are told as they are where they are ours', async () => {
    kernel.store.journal = async () => {
      throw stateDiskFull('/var/lib/switchyard');
    };
    expect(await contractless('/api/v1/journal')).toMatchObject({
      status: 507,
      body: { error: { code: 'StateDiskFull', where: '/var/lib/switchyard', hint: expect.any(String) } },
    });
  });

  it('are told without a word of what happened where they are not', async () => {
    kernel.metricsNow = async () => {
      throw new Error('cannot reach https://user:hunter2@example.test');
    };
    const { status, text, body } = await ask('/metrics');
    expect(status).toBe(500);
    expect(body.error).toMatchObject({ code: 'InternalError' });
    expect(text).not.toContain('hunter2');
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'a request failed' }),
    );
  });

  /** A failure of the disk may come with any answer; the document does not repeat it for each. */
  async function contractless(path: string) {
    const answer = await createApp({ kernel, log }).request(path);
    return { status: answer.status, body: await answer.json() };
  }
});

describe('every answer', () => {
  it('carries headers that keep it from being used as something else', async () => {
    for (const path of [
      '/api/v1/head',
      '/docs',
      '/metrics',
      '/nowhere',
      '/api/v1/resources?x=1',
      '/plugins/x/y',
    ]) {
      const { headers } = await ask(path);
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
      expect(headers.get('x-frame-options'), path).toBe('DENY');
      expect(headers.get('access-control-allow-origin'), path).toBeNull();
    }
  });

  it('is given once to who has it already', async () => {
    const { headers, text } = await ask('/api/v1/resources');
    const etag = headers.get('etag') ?? '';
    expect(text).not.toBe('');
    expect(await ask('/api/v1/resources', { headers: { 'if-none-match': `W/${etag}, "x"` } })).toMatchObject({
      status: 304,
      text: '',
    });
    kernel.views = kernel.views.slice(1);
    expect(await ask('/api/v1/resources', { headers: { 'if-none-match': etag } })).toMatchObject({
      status: 200,
    });
  });

  it('is given without its content to HEAD', async () => {
    const answer = await ask('/api/v1/resources', { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  it('is written to the log at debug, without its query', async () => {
    await ask('/api/v1/journal?type=of-something-private');
    const line = log.lines.at(-1);
    expect(line).toMatchObject({
      level: 'debug',
      message: 'answered',
      facts: { method: 'GET', path: '/api/v1/journal', status: 200 },
    });
    expect(JSON.stringify(log.lines)).not.toContain('private');
  });
});

describe('a webhook', () => {
  it('is answered by the plugin that it names', async () => {
    kernel.hooks.set('rollout', async () => new Response(null, { status: 202 }));
    expect((await post('/webhooks/rollout', {})).status).toBe(202);
  });
});

describe('the contract', () => {
  it('was held against every documented good answer', () => {
    const documented = Object.values(contract.document.paths).flatMap((operations) =>
      Object.values(operations).flatMap(({ operationId, responses }) =>
        Object.keys(responses)
          .filter((status) => Number(status) < 400)
          .map((status) => `${operationId} ${status}`),
      ),
    );
    const streamed = ['followEvents 200'];
    expect(documented.filter((each) => !everSeen.has(each) && !streamed.includes(each))).toEqual([]);
  });
});
