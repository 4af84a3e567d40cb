import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentOfPrediction, parseMoment } from '../../../cli/time-travel/moment.ts';
import { drawVersionGraph, type GraphVersion } from '../../../cli/time-travel/version-graph.ts';
import { newPredictionId } from '../../../plugins/serving/dataplane/http/prediction-id.ts';

const version = (name: string, parents: readonly string[] = [], line = 'main'): GraphVersion => ({
  version: name,
  line,
  parents,
  deployedIn: [],
  quarantined: false,
});
const drawn = (versions: readonly GraphVersion[]) =>
  drawVersionGraph(versions).map(({ graph, version: one }) => `${graph}${one ? ` ${one.version}` : ''}`);

describe('the graph of versions', () => {
  it('parts at a merge and joins where both lines began', () => {
    const versions = [
      version('1.0.0'),
      version('1.1.0', ['1.0.0']),
      version('1.2.0', ['1.0.0'], 'eu'),
      version('1.3.0', ['1.1.0', '1.2.0']),
    ];
    expect(drawn(versions)).toEqual(['* 1.3.0', '| \\', '| * 1.2.0', '* | 1.1.0', '| /', '* 1.0.0']);
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
