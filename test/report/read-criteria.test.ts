import { describe, expect, it } from 'vitest'
import { defaultCriteria } from '../../src/report/criterion.ts'
import { readCriteria } from '../../src/report/read-criteria.ts'

describe('a criteria file', () => {
  it('is read as it was written', () => {
    expect(readCriteria(JSON.stringify(defaultCriteria))).toEqual({ criteria: defaultCriteria })
  })

  it.each([
    ['no JSON', '{', ['it is no JSON']],
    ['no list', '{}', ['expected array, received object']],
    ['an empty list', '[]', ['Too small: expected array to have >=1 items']],
    [
      'an unknown metric, a bound that is no number, and a key that nobody reads',
      '[{"id":"a","metric":"speed","op":"<","value":"fast","populations":"all"}]',
      [
        expect.stringContaining('[0].metric: expected one of "health_latency_max_ms"'),
        '[0].value: expected number, received string',
        '[0]: Unrecognized key: "populations"',
      ],
    ],
    [
      'an id that is there twice',
      JSON.stringify([defaultCriteria[0], defaultCriteria[0]]),
      ['two criteria have the same id and population'],
    ],
  ])('with %s is refused, with the place and the fault', (_what, text, problems) => {
    expect(readCriteria(text)).toEqual({ problems })
  })
})
