import { describe, expect, it } from 'vitest';
import { allMatch, parseMatcher } from '../../../plugins/alerting/routing/matchers.ts';
import { onCallAt, type Rotation } from '../../../plugins/alerting/routing/rotation.ts';
import { compileTemplate } from '../../../plugins/alerting/rules/template.ts';

describe('a matcher', () => {
  const labels = { severity: 'critical', name: 'bird-strike' };
  const holds = (source: string) => {
    const matcher = parseMatcher(source);
    return 'problem' in matcher ? matcher.problem : allMatch([matcher], labels);
  };

  it.each([
    ['severity="critical"', true],
    ['severity=critical', true],
    [' severity = "warning" ', false],
    ['severity!="warning"', true],
    ['name=~"bird-.*"', true],
    ['name=~"bird"', false],
    ['name!~"bird-.*"', false],
    ['absent=""', true],
    ['absent!=""', false],
    ['toString=""', true],
  ])('%s', (source, expected) => expect(holds(source)).toBe(expected));

  it.each(['severity', '="x"', 'severity="x', 'severity=x"y', 'name=~"("'])('%s is none', (source) =>
    expect(holds(source)).toMatch(/matcher|quotes|regular expression/),
  );
});

describe('a rotation', () => {
  const weekly: Rotation = {
    name: 'primary',
    start: '2026-01-05 09:00',
    timeZone: 'Europe/Berlin',
    shift: '7d',
    turns: ['ada', 'grace'],
    overrides: [{ from: '2026-01-20', to: '2026-01-21', receiver: 'linus' }],
  };
  const at = (text: string, rotation = weekly) => onCallAt(rotation, Date.parse(text));

  it('hands over by the clock of its place, in summer as in winter', () => {
    expect(at('2026-01-05T07:59:00Z')).toBe('ada');
    expect(at('2026-01-12T07:59:00Z')).toBe('ada');
    expect(at('2026-01-12T08:01:00Z')).toBe('grace');
    // 28 weeks later, an hour earlier by UTC.
    expect(at('2026-07-20T06:59:00Z')).toBe('grace');
    expect(at('2026-07-20T07:01:00Z')).toBe('ada');
  });

  it('lets somebody stand in', () => {
    expect(at('2026-01-19T22:59:00Z')).toBe('ada');
    expect(at('2026-01-20T12:00:00Z')).toBe('linus');
    expect(at('2026-01-20T23:01:00Z')).toBe('ada');
  });

  it('may turn by the hour', () => {
    const hourly = { ...weekly, shift: '8h', timeZone: 'UTC', overrides: [], turns: ['a', 'b', 'c'] };
    expect(['09:00', '16:59', '17:00'].map((time) => at(`2026-01-05T${time}:00Z`, hourly))).toEqual([
      'a',
      'a',
      'b',
    ]);
    expect(at('2026-01-06T09:00:00Z', hourly)).toBe('a');
  });
});

describe('a template', () => {
  const render = (source: string, values: Record<string, unknown>) => {
    const template = compileTemplate(source, { resource: 'dyn' });
    return 'problem' in template ? template.problem : template.render(values);
  };

  it('shows what its expressions give, and leaves out what is not there', () => {
    const resource = { name: 'geese', share: 0.1 + 0.2, on: true, list: [1, 'a'] };
    expect(
      render('{{resource.name}}: {{ resource.share }} {{resource.on}} {{resource.list}}', { resource }),
    ).toBe('geese: 0.3 true [1,"a"]');
    expect(render('<{{resource.absent.more}}> {{resource.name}}', { resource })).toBe('<> geese');
    expect(render('{{resource.absent.more}} of {{resource.absent.all}} columns', { resource })).toBe('');
    expect(render('{{resource.name + "!"}}', { resource })).toBe('geese!');
  });

  it('says which of its expressions is wrong', () => {
    expect(render('{{resource.name +}}', {})).toMatch(/^in `\{\{resource\.name \+\}\}`: /);
    expect(render('{{nobody}}', {})).toContain('nobody');
  });
});
