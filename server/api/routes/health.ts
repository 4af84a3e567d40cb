import type { Head, Kernel } from '../../../core/kernel-api.ts';
import { answerJson } from '../answer.ts';
import { defineRoute } from '../route.ts';
import { reference } from '../schemas.ts';

export const getHealth = defineRoute({
  name: 'getHealth',
  method: 'GET',
  path: '/healthz',
  tag: 'Operation',
  summary: 'Whether the process is alive',
  description:
    'For a liveness probe: it says nothing of the registry, because a new process would not mend that.',
  answers: { 200: { description: 'It is.', schema: reference('Health') } },
  isPublic: true,
  handle: ({ request }) => answerJson(request, { status: 'alive' }),
});

export const getReadiness = defineRoute({
  name: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'Operation',
  summary: 'Whether this process does its work',
  description:
    'For a readiness probe: it runs, a commit is applied, the registry can be read. A held commit is a warning only: it waits for a human, who needs this API.',
  answers: {
    200: { description: 'Ready, perhaps with warnings.', schema: reference('Readiness') },
    503: { description: 'Not ready.', schema: reference('Readiness') },
  },
  isPublic: true,
  handle({ kernel, request }) {
    const checks = checksOf(kernel);
    const ready = checks.every(({ status }) => status !== 'fail');
    return answerJson(request, { ready, checks }, ready ? 200 : 503);
  },
});

interface Check {
  readonly name: string;
  readonly status: 'pass' | 'warn' | 'fail';
  readonly message: string;
}

function checksOf(kernel: Kernel): readonly Check[] {
  const head = kernel.head();
  return [running(kernel), firstCommit(head), repository(head), held(head)];
}

function running({ phase }: Kernel): Check {
  const isStopping = phase === 'stopping';
  return {
    name: 'process',
    status: isStopping ? 'fail' : 'pass',
    message: isStopping ? 'it is stopping' : 'it runs',
  };
}

function firstCommit({ applied }: Head): Check {
  return applied === null
    ? { name: 'first-commit', status: 'fail', message: 'no commit is applied yet' }
    : { name: 'first-commit', status: 'pass', message: `commit ${applied.slice(0, 10)} is applied` };
}

/** Public: it names no repository and repeats no message. */
function repository({ error, lookedAt }: Head): Check {
  const since = lookedAt === null ? 'never yet' : `last at ${lookedAt}`;
  return error === null
    ? { name: 'repository', status: 'pass', message: `the registry was read ${since}` }
    : {
        name: 'repository',
        status: 'fail',
        message: `the registry cannot be read (${error.code}); read ${since}`,
      };
}

function held({ held }: Head): Check {
  return held === null
    ? { name: 'held-commit', status: 'pass', message: 'no commit is held' }
    : {
        name: 'held-commit',
        status: 'warn',
        message: `commit ${held.commit.slice(0, 10)} is held (${held.reason})`,
      };
}
