import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { CheckFailure, type CheckReading } from '../../src/health/check.ts'
import { startRun } from '../../src/health/check-run.ts'
import { setUnrefTimer } from '../../src/health/timer.ts'
import { classify } from './scripted-check.ts'

function start(ask: (signal: AbortSignal) => CheckReading | Promise<CheckReading>, timeoutMs = 1_000) {
  return startRun({ ask, timeoutMs, classify, monotonicMs: () => performance.now(), setTimer: setUnrefTimer })
}

describe('one run', () => {
  it('brings back what was measured', async () => {
    const outcome = await start(() => ({ observedValue: 4, observedUnit: 'connections', threshold: 10 })).outcome
    expect(outcome).toMatchObject({ verdict: 'healthy', observedValue: 4, observedUnit: 'connections', threshold: 10 })
  })

  it('keeps the measurement beside a fault, read or thrown', async () => {
    const fault = { code: 'memory_high', message: 'nearly full' } as const
    const read = await start(() => ({ observedValue: 90, degraded: fault })).outcome
    const thrown = await start(() => {
      throw new CheckFailure('memory_high', 'full', { observedValue: 99 })
    }).outcome
    expect(read).toMatchObject({ verdict: 'degraded', code: 'memory_high', message: 'nearly full', observedValue: 90 })
    expect(thrown).toMatchObject({ verdict: 'unhealthy', code: 'memory_high', message: 'full', observedValue: 99 })
  })

  it('does not abort a check that has ended in time', async () => {
    let given: AbortSignal | undefined
    const run = start((signal) => {
      given = signal
      return {}
    }, 5)
    await run.settled
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(given?.aborted).toBe(false)
  })

  it('counts an answer that came in time but could not be read, as the loop was blocked', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const [far] = (await once(server, 'connection')) as [Socket]
    const run = start(async () => {
      await once(client, 'data')
      return {}
    }, 20)
    far.write('answer')
    const blockedUntilMs = performance.now() + 60
    while (performance.now() < blockedUntilMs);
    expect((await run.outcome).verdict).toBe('healthy')
    client.destroy()
    far.destroy()
    server.close()
  })
})
