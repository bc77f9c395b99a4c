import { expect, it } from 'vitest'
import { observationId, uuidV5 } from '../../src/observation/observation-id.ts'

const dnsNamespace = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
const probe = { source: 'london', target: 'api', machine: 'm1', at: '2026-11-22T10:00:00.000Z' }

it('gives the UUIDv5 that RFC 9562 computes in appendix A.4', () => {
  expect(uuidV5(dnsNamespace, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
})

it('hashes a name as UTF-8', () => {
  // Python's uuid: uuid5(NAMESPACE_DNS, 'zürich.example')
  expect(uuidV5(dnsNamespace, 'zürich.example')).toBe('f818d848-5b45-5fdc-bcb0-7335f538cf54')
})

it('gives one probe the same id each time, and the one that it had in every version before', () => {
  expect(observationId(probe)).toBe('a7dbd54d-5d7b-5bb2-834f-56db931cfcc9')
  expect(observationId({ ...probe })).toBe(observationId(probe))
})

it.each([
  { source: 'paris' },
  { target: 'site' },
  { machine: 'm2' },
  { machine: undefined },
  { at: '2026-11-22T10:00:00.001Z' },
])('gives another id to a probe with another %o', (difference) => {
  expect(observationId({ ...probe, ...difference })).not.toBe(observationId(probe))
})

it('does not mistake parts that run into each other', () => {
  const one = observationId({ ...probe, source: 'a","b', target: 'c' })
  expect(one).not.toBe(observationId({ ...probe, source: 'a', target: 'b","c' }))
})
