import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentOfPrediction, parseMoment } from '../../../cli/time-travel/moment.ts';
import {
  drawVersionGraph,
  type GraphRow,
  type GraphVersion,
} from '../../../cli/time-travel/version-graph.ts';
import { newPredictionId } from '../../../plugins/serving/dataplane/ask/prediction-id.ts';

const version = (name: string, parents: readonly string[] = [], line = 'main'): GraphVersion => ({
  version: name,
  line,
  parents,
  deployedIn: [],
  quarantined: false,
});
const drawn = (versions: readonly GraphVersion[]) =>
  drawVersionGraph(versions).map(({ graph, version: one }) => `${graph}${one ? ` ${one.version}` : ''}`);

/**
 * Reads a drawing as an eye does: from each version down every stroke that leaves it, straight on across others, to the
 * version where it ends.
 */
function waysIn(rows: readonly GraphRow[]): string[] {
  const at = (row: number, place: number) => rows[row]?.graph[place] ?? ' ';
  const follow = (row: number, place: number): string => {
    const mark = at(row, place);
    const version = rows[row]?.version;
    if (mark === '*') return version?.version ?? 'nothing';
    // Where a stroke ends in a column; a column may lean to either side in the next row.
    if (mark === '/' && at(row + 1, place - 2) === '/' && at(row + 1, place - 1) !== '*') {
      return follow(row + 1, place - 2);
    }
    if (mark === '\\' && at(row + 1, place + 2) === '\\' && at(row + 1, place + 1) !== '*') {
      return follow(row + 1, place + 2);
    }
    const column = mark === '/' ? place - 1 : mark === '\\' ? place + 1 : place;
    return follow(row + 1, below(row + 1, column));
  };
  const below = (row: number, column: number): number => {
    if (at(row, column) !== ' ') return column;
    return at(row, column - 1) === '/' ? column - 1 : column + 1;
  };
  return rows.flatMap(({ graph, version }, row) => {
    if (version === undefined) return [];
    const place = graph.indexOf('*');
    const next = row + 1;
    const starts = [
      ...(['|', '*'].includes(at(next, place)) ? [place] : []),
      ...(at(next, place - 1) === '/' ? [place - 1] : []),
      ...(at(next, place + 1) === '\\' ? [place + 1] : []),
    ];
    return starts.map((start) => `${version.version} ${follow(next, start)}`);
  });
}

describe('the graph of versions', () => {
  it('parts at a merge and joins where both lines began', () => {
    const versions = [
      version('1.0.0'),
      version('1.1.0', ['1.0.0']),
      version('1.2.0', ['1.0.0'], 'eu'),
      version('1.3.0', ['1.1.0', '1.2.0']),
    ];
    expect(drawn(versions)).toEqual(['* 1.3.0', '|\\', '| * 1.2.0', '* | 1.1.0', '|/', '* 1.0.0']);
  });

  it('leads a merge across the lines between, and moves up what stands beside a line that ends', () => {
    const versions = [
      version('1.0.0'),
      version('1.1.0', [], 'eu'),
      version('1.2.0', ['1.0.0']),
      version('1.3.0', ['1.1.0'], 'eu'),
      version('1.4.0', ['1.0.0'], 'night'),
      version('1.5.0', ['1.2.0', '1.4.0']),
      version('1.6.0', ['1.3.0', '1.2.0'], 'eu'),
    ];
    expect(drawn(versions)).toEqual([
      '* 1.6.0',
      '|\\',
      '| | * 1.5.0',
      '| | |\\',
      '| |/ /',
      '| | * 1.4.0',
      '* | | 1.3.0',
      '| * | 1.2.0',
      '| |/',
      '* | 1.1.0',
      ' /',
      '* 1.0.0',
    ]);
  });

  it('draws each way from a version to what it comes from, and no other', () => {
    const graphs = fc
      .array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 1, maxLength: 12 })
      .map((parents) =>
        parents.map((wanted, index) => {
          const lower = index === 0 ? [] : [...new Set(wanted.map((each) => `1.${each % index}.0`))];
          return version(`1.${index}.0`, lower);
        }),
      );
    fc.assert(
      fc.property(graphs, (versions) => {
        const wanted = versions.flatMap((one) => one.parents.map((parent) => `${one.version} ${parent}`));
        expect(waysIn(drawVersionGraph(versions)).sort()).toEqual(wanted.sort());
      }),
      { numRuns: 2000 },
    );
  });

  it('shows every version once, whatever the graph', () => {
    const graphs = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
      .map((parents) =>
        parents.map((wanted, index) => {
          const lower = index === 0 ? [] : [...new Set(wanted.map((each) => `1.${each % index}.0`))];
          return version(`1.${index}.0`, lower);
        }),
      );
    fc.assert(
      fc.property(graphs, (versions) => {
        const shown = drawVersionGraph(versions).flatMap((row) => row.version?.version ?? []);
        expect([...shown].sort()).toEqual(versions.map((one) => one.version).sort());
        // What comes from another stands above it.
        for (const one of versions) {
          for (const parent of one.parents)
            expect(shown.indexOf(parent)).toBeGreaterThan(shown.indexOf(one.version));
        }
      }),
    );
  });
});

describe('a moment', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  it.each([
    ['2026-02-28T14:03:00Z', '2026-02-28T14:03:00Z'],
    ['2026-02-28T14:03:00+02:00', '2026-02-28T12:03:00Z'],
    ['2026-02-28 14:03', '2026-02-28T14:03:00Z'],
    ['2026-02-28', '2026-02-28T23:59:59Z'],
    ['9:05', '2026-03-01T09:05:00Z'],
    ['2h ago', '2026-03-01T10:00:00Z'],
    ['-3d', '2026-02-26T12:00:00Z'],
    ['now', '2026-03-01T12:00:00Z'],
  ])('is read from %s', (text, expected) => {
    expect(parseMoment(text, now)).toBe(Date.parse(expected) / 1000);
  });

  it.each(['', 'soon', '2026-13-01', '25:99', '2026-03-01T99:00Z', '1h', '99'])(
    'is not read from "%s"',
    (text) => {
      expect(parseMoment(text, now)).toBeUndefined();
    },
  );

  it('is told by every prediction id', () => {
    const before = Date.now() / 1000;
    const moment = momentOfPrediction(newPredictionId()) ?? 0;
    expect(moment).toBeGreaterThanOrEqual(before - 0.002);
    expect(moment).toBeLessThanOrEqual(Date.now() / 1000);
    expect(momentOfPrediction('0198c0de-5a1b-4c3d-8e4f-0123456789ab')).toBeUndefined();
  });
});
