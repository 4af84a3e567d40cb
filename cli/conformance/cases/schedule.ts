import { clientError, inferenceOf, parseObject } from '../expectations.ts';
import { allowed, type Case, fails, passed } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { inferencePath, modelOf } from '../requests.ts';
import { sources } from '../sources.ts';

/** What a server may answer that cannot keep a deadline: too busy, or too late. */
const tooLate: readonly number[] = [408, 429, 503, 504];

export const scheduleCases: readonly Case[] = [
  {
    id: 'schedule/parameters',
    group: 'schedule',
    title: 'a request that says how long it waits, and how soon it wants its turn, is answered',
    source: sources.schedule,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const parameters = { timeout: 60_000_000, priority: 1 };
      const answer = await subject.rest.post(inferencePath(name), { ...request, parameters });
      if (answer.status === 200) {
        inferenceOf(answer);
        return passed;
      }
      clientError(answer, 'a request with these parameters');
      return allowed(`does not take them: ${answer.status}`, leeways.schedule);
    },
  },
  {
    id: 'schedule/too-late',
    group: 'schedule',
    title: 'a request that cannot be answered in its time is told so',
    source: sources.schedule,
    async run(subject) {
      const { name, request } = modelOf(subject);
      const parameters = { timeout: 1 };
      const answer = await subject.rest.post(inferencePath(name), { ...request, parameters });
      const { status, headers, bytes } = answer;
      if (status === 200) return allowed('answers all the same', leeways.clocks);
      if (!tooLate.includes(status)) {
        clientError(answer, 'a request with a microsecond');
        return allowed(`does not take the parameter: ${status}`, leeways.schedule);
      }
      const { error } = parseObject(bytes);
      if (typeof error !== 'string' || error === '') return fails(`${status} without a text in "error"`);
      const again = headers['retry-after'];
      if (status === 429 && again === undefined)
        return allowed('429 without Retry-After', leeways.noRetryAfter);
      if (again !== undefined && !/^\d+$/.test(String(again)) && Number.isNaN(Date.parse(String(again))))
        return fails(`Retry-After is ${again}, neither seconds nor a date`);
      return passed;
    },
  },
];
