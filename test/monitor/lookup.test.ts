import type { LookupAddress } from 'node:dns'
import { expect, it } from 'vitest'
import { createLookup } from '../../src/monitor/lookup.ts'

it('a name that is not answered is asked for three times at most, however many probes wait for it', () => {
  const asked: { hostname: string; answer: (error: Error | null, addresses: LookupAddress[]) => void }[] = []
  let nowMs = 0
  const lookup = createLookup(
    () => nowMs,
    (hostname, _options, answer) => asked.push({ hostname, answer }),
  )
  const told: unknown[] = []
  for (nowMs = 0; nowMs < 20_000; nowMs += 1_000)
    lookup('shop.example', {}, (error, address) => told.push(error ?? address))
  lookup('other.example', { all: true }, (_, addresses) => told.push(addresses))
  expect(asked.map(({ hostname }) => hostname)).toEqual([...Array(3).fill('shop.example'), 'other.example'])

  asked[1]?.answer(null, [{ address: '192.0.2.1', family: 4 }])
  expect(told).toEqual(['192.0.2.1', '192.0.2.1'])
  asked[0]?.answer(new Error('gone'), [])
  expect(told).toHaveLength(4)
  expect(told[3]).toEqual(new Error('gone'))
  asked[3]?.answer(null, [{ address: '192.0.2.2', family: 4 }])
  expect(told[4]).toEqual([{ address: '192.0.2.2', family: 4 }])

  // One that was answered makes room, and nothing of it is kept.
  lookup('shop.example', {}, () => undefined)
  expect(asked).toHaveLength(5)
})
