import { body, grpc, numbersOf, sameNumbers, sums, usual } from '../grpc-expectations.ts';
import { allowed, type Case, fails, passed } from '../kit.ts';
import { leeways } from '../leeways.ts';
import { listedVersion, listsVersions } from '../requests.ts';

export const grpcVersionCases: readonly Case[] = [
  grpc('version', 'a version that metadata lists answers by its name', async (client, subject) => {
    const request = await sums(subject, [1, 2], [10, 20]);
    const model_version = await listedVersion(subject, request.model_name);
    const answer = body(await client.call('ModelInfer', { ...request, model_version }));
    const finding = sameNumbers(numbersOf(answer, 'sum'), [11, 22]);
    if (finding.outcome !== 'pass') return finding;
    if (answer.model_version === '') return allowed('the answer has no version', leeways.noVersions);
    return answer.model_version === model_version
      ? passed
      : fails(`"model_version" is ${JSON.stringify(answer.model_version)}, not "${model_version}"`);
  }),
  grpc('unknown-version', 'a version that is not there is NOT_FOUND', async (client, subject) => {
    const request = await sums(subject, [1, 2], [10, 20]);
    const answer = await client.call('ModelInfer', { ...request, model_version: '0.0.0-none' });
    if (answer.status !== 'OK') return usual([answer], 'NOT_FOUND');
    return (await listsVersions(subject, request.model_name))
      ? fails('is answered')
      : allowed('answers, and has no versions', leeways.noVersions);
  }),
];
