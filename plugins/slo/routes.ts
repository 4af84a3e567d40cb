/** `/plugins/slo/deployments[/ENVIRONMENT/NAME]`: how deployments stand to what they promise. Answers are JSON. */
import { methodNotAllowed } from '../../libraries/json-requests/index.ts';
import { promisesNothing } from './errors.ts';
import type { ServiceLevelBook } from './service-level-book.ts';
import { objectiveViews } from './views.ts';

export function sloRoutes(book: Pick<ServiceLevelBook, 'standings' | 'levelOf'>) {
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const [first, environment, name, ...more] = (path.split('?', 1)[0] ?? '')
      .split('/')
      .filter((part) => part !== '');
    if (first !== 'deployments' || more.length > 0) return undefined;
    if (environment !== undefined && name === undefined) return undefined;
    if (request.method !== 'GET') throw methodNotAllowed(request.method, 'GET');
    const items = objectiveViews(book);
    if (environment === undefined) return Response.json({ items });
    const found = items.find((one) => one.environment === environment && one.deployment === name);
    if (found === undefined) throw promisesNothing(`${environment}/${name}`);
    return Response.json(found);
  };
}
