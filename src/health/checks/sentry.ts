import type { Delivery } from '../../telemetry/delivery.ts'
import type { CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'

/** Passive: asks Sentry nothing, tells what the last delivery said. */
export function createSentryCheck(options: { lastDelivery: () => Delivery }): CheckWork {
  function run(): CheckReading {
    const delivery = options.lastDelivery()
    return delivery.state === 'failed' ? { degraded: { code: delivery.code, message: delivery.message } } : {}
  }

  return { run }
}
