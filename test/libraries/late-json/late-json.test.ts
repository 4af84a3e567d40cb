import { describe, expect, it } from 'vitest';
import { LateJson } from '../../../libraries/late-json/index.ts';

describe('a JSON text that is read late', () => {
  it('is not read before somebody asks', () => {
    const broken = new LateJson('{');
    expect(() => broken.value).toThrow(SyntaxError);
  });

  it('is read once, and what it says is frozen to its leaves', () => {
    const late = new LateJson<{ shape: number[]; more: { deep: object[] } }>(
      '{"shape":[1],"more":{"deep":[{}]}}',
    );
    const { value } = late;
    expect(late.value).toBe(value);
    expect(value).toEqual({ shape: [1], more: { deep: [{}] } });
    for (const part of [value, value.shape, value.more, value.more.deep, value.more.deep[0]])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('may say null', () => {
    expect(new LateJson('null').value).toBeNull();
  });
});
