import { expect, test } from 'vitest'
import { createSeriesCap } from '../../src/telemetry/series-cap.ts'

function setUp(limit: number) {
  let overflows = 0
  const created: string[] = []
  const cap = createSeriesCap(limit, () => {
    overflows += 1
  })
  const find = cap.table({
    linesPerSeries: 3,
    create(first, second: number) {
      created.push(`${first} ${second}`)
      return `${first} ${second}`
    },
    overflow: (second) => `overflow ${second}`,
  })
  return { cap, find, created, overflows: () => overflows }
}

test('a series is made at its first use and found at the next', () => {
  const { find, created, overflows } = setUp(100)
  expect([find('a', 1), find('a', 1), find('a', 2), find('b', 1)]).toEqual(['a 1', 'a 1', 'a 2', 'b 1'])
  expect(created).toEqual(['a 1', 'a 2', 'b 1'])
  expect(overflows()).toBe(0)
})

test('beyond the limit every new combination overflows and is counted at each use, and the known ones go on', () => {
  const { cap, find, created, overflows } = setUp(8)
  cap.reserve(2)
  expect([find('a', 1), find('b', 2)]).toEqual(['a 1', 'b 2'])
  expect([find('c', 1), find('c', 1), find('a', 3)]).toEqual(['overflow 1', 'overflow 1', 'overflow 3'])
  expect([find('a', 1), find('b', 2)]).toEqual(['a 1', 'b 2'])
  expect(created).toEqual(['a 1', 'b 2'])
  expect(overflows()).toBe(3)
})

test('a table of smaller series may still have what a larger one could not', () => {
  const { cap, find } = setUp(4)
  expect([find('a', 1), find('b', 1)]).toEqual(['a 1', 'overflow 1'])
  const small = cap.table({ linesPerSeries: 1, create: (first) => first, overflow: () => 'overflow' })
  expect([small('x', undefined), small('y', undefined)]).toEqual(['x', 'overflow'])
})

test('definitions that do not fit the limit are an error that says so', () => {
  expect(() => setUp(5).cap.reserve(6)).toThrow('6 reserved series exceed the limit of 5')
})
