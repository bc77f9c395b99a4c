import { describe, expect, it } from 'vitest'
import { createSentryCheck } from '../../../src/health/checks/sentry.ts'
import type { Delivery } from '../../../src/telemetry/delivery.ts'

function run(delivery: Delivery) {
  return createSentryCheck({ lastDelivery: () => delivery }).run(new AbortController().signal)
}

describe('the Sentry check', () => {
  it('is healthy before the first event and after one that arrived', () => {
    expect(run({ state: 'none' })).toEqual({})
    expect(run({ state: 'delivered' })).toEqual({})
  })

  it('warns when the last event could not be delivered', () => {
    expect(run({ state: 'failed', code: 'bad_response', message: 'Sentry answered with 500' })).toEqual({
      degraded: { code: 'bad_response', message: 'Sentry answered with 500' },
    })
  })
})
