import { describe, expect, it } from 'vitest';
import { checkSettings, readSettings, settingsFor } from '../../src/cli/load/settings.ts';
import { UsageError } from '../../src/cli/usageError.ts';
import type { Manifest } from '../../src/filter/declaration.ts';

const manifest: Manifest = {
  name: 'limit',
  config: {
    burst: { type: 'u32', max: 100 },
    share: { type: 'f64' },
    isOn: { type: 'boolean' },
    lan: { type: 'prefix' },
    out: { type: 'port' },
  },
};

describe('--set', () => {
  it('has values of the types of the fields', () => {
    const settings = readSettings([
      'limit.burst=20',
      'limit.share=0.5',
      'limit.isOn=false',
      'limit.lan=10.0.0.0/8',
      'limit.out=wan',
      'a.b.c=1',
    ]);
    expect(settingsFor(manifest, settings)).toEqual({
      burst: 20,
      share: 0.5,
      isOn: false,
      lan: '10.0.0.0/8',
      out: 'wan',
    });
    expect([...(settings.get('a.b') ?? [])]).toEqual([['c', '1']]);
  });

  it.each([
    [['limit'], 'must be of the form'],
    [['limit.burst'], 'must be of the form'],
    [['.burst=1'], 'must be of the form'],
    [['limit.burst=1', 'limit.burst=2'], 'twice'],
  ])('refuses %j: %s', (texts, why) => {
    expect(() => readSettings(texts)).toThrow(why);
  });

  it.each([
    ['limit.bursts=1', "did you mean 'burst'"],
    ['limit.burst=', 'must be a number'],
    ['limit.burst=x', 'must be a number'],
    ['limit.isOn=1', 'must be true or false'],
    ['limit.burst=101', '--set limit.burst: Cannot set limit.burst to 101: it must be a whole number from 0 to 100'],
    ['limit.burst=-1', 'from 0 to 100'],
    ['limit.burst=1.5', 'whole number'],
    ['limit.lan=10.0.0.0/33', '--set limit.lan: '],
  ])('refuses %s: %s', (text, why) => {
    const read = (): unknown => settingsFor(manifest, readSettings([text]));
    expect(read).toThrow(why);
    expect(read).toThrow(UsageError);
  });

  it('knows the filters', () => {
    expect(() => { checkSettings(readSettings(['limt.burst=1']), ['limit']); }).toThrow("did you mean 'limit'"); // prettier-ignore
    checkSettings(readSettings(['limit.burst=1']), ['limit']);
  });
});
