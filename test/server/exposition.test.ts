import { describe, expect, it } from 'vitest';
import { openMetrics, prefersOpenMetrics, withoutExemplars } from '../../server/exposition.ts';

const page = `# HELP switchyard_requests_total Answers, "all" of them.
# TYPE switchyard_requests_total counter
switchyard_requests_total{deployment="a",code="200"} 7
# HELP switchyard_request_duration_seconds How long.
# TYPE switchyard_request_duration_seconds histogram
switchyard_request_duration_seconds_bucket{deployment="a # {b\\"}",le="0.1"} 3 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.043 1777889472.131
switchyard_request_duration_seconds_bucket{deployment="a # {b\\"}",le="+Inf"} 4
switchyard_request_duration_seconds_sum{deployment="a # {b\\"}"} 0.5
switchyard_request_duration_seconds_count{deployment="a # {b\\"}"} 4
# HELP odd A counter that is not called so.
# TYPE odd counter
odd 1
`;

describe('a page without exemplars', () => {
  it('has every sample, and nothing behind it', () => {
    const plain = withoutExemplars(page);
    expect(plain).not.toContain('trace_id');
    expect(plain.split('\n')).toHaveLength(page.split('\n').length);
    expect(plain).toContain('_bucket{deployment="a # {b\\"}",le="0.1"} 3\n');
    expect(plain).toContain('_bucket{deployment="a # {b\\"}",le="+Inf"} 4\n');
  });

  it('is the page itself where there are none', () => {
    expect(withoutExemplars(withoutExemplars(page))).toBe(withoutExemplars(page));
  });
});

describe('OpenMetrics', () => {
  const lines = openMetrics(page).split('\n');

  it('names families of counters without _total, and their samples with it', () => {
    expect(lines).toContain('# TYPE switchyard_requests counter');
    expect(lines).toContain('# HELP switchyard_requests Answers, \\"all\\" of them.');
    expect(lines).toContain('switchyard_requests_total{deployment="a",code="200"} 7');
  });

  it('keeps exemplars, and the labels of series as they are', () => {
    expect(lines).toContain(
      'switchyard_request_duration_seconds_bucket{deployment="a # {b\\"}",le="0.1"} 3 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.043 1777889472.131',
    );
  });

  it('takes a counter that is not called so for unknown, and says where it ends', () => {
    expect(lines).toContain('# TYPE odd unknown');
    expect(lines.slice(-2)).toEqual(['# EOF', '']);
  });
});

describe('who gets OpenMetrics', () => {
  it.each([
    // What Prometheus 2.42 and 3 send.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      true,
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      true,
    ],
    ['application/openmetrics-text', true],
    ['text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.3', false],
    ['application/openmetrics-text;q=0', false],
    ['*/*', false],
    [null, false],
  ])('%s: %s', (accept, isOpen) => {
    expect(prefersOpenMetrics(accept)).toBe(isOpen);
  });
});
