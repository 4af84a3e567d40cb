import type { Parameter } from './route.ts';

/** The query's `limit` of a route that lists: how many it answers with at most, where nobody says otherwise, and where somebody does. */
export function limitOf(usual: number, most: number, example: number): Parameter {
  return {
    description: `At most so many. Default ${usual}.`,
    schema: { type: 'integer', minimum: 1, maximum: most },
    example,
  };
}
