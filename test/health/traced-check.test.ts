import { expect, it } from 'vitest'
import { CheckFailure, type CheckReading, type ConfiguredCheck } from '../../src/health/check.ts'
import { startRun } from '../../src/health/check-run.ts'
import { classifyFailure } from '../../src/health/checks/failure-code.ts'
import { setUnrefTimer } from '../../src/health/timer.ts'
import { tracedCheck } from '../../src/health/traced-check.ts'
import type { Tracing } from '../../src/telemetry/tracing.ts'
import { recordingTracing } from '../telemetry/recording-tracing.ts'

function traced(run: ConfiguredCheck['run'], tracing: Tracing | undefined): ConfiguredCheck {
  const identity = { name: 'redis', scope: 'shared', critical: false, remote: true } as const
  const check = { ...identity, configured: true, intervalMs: 1_000, timeoutMs: 20, run, runDeep: run } as const
  return tracedCheck(check, () => tracing, classifyFailure) as ConfiguredCheck
}

const signal = () => new AbortController().signal

it('runs a check as it is while nobody traces', () => {
  const reading: CheckReading = { observedValue: 1 }
  expect(traced(() => reading, undefined).run(signal())).toBe(reading)
})

it('leaves a check alone that is not configured', () => {
  const check = { name: 's3', scope: 'shared', critical: false, configured: false } as const
  expect(tracedCheck(check, () => recordingTracing().tracing, classifyFailure)).toBe(check)
})

it('tells in the span of a run what it found, below no other span', async () => {
  const { tracing, spans, present } = recordingTracing()
  const degraded = { code: 'read_only', message: 'Postgres takes no writes' } as const
  const check = traced(() => ({ degraded }), tracing)
  expect(await check.run(signal())).toEqual({ degraded })
  await check.runDeep?.(signal())
  expect(present.map(({ spanId }) => spanId)).toEqual(['span-1', 'span-2'])
  expect(spans.map(({ name, headers, failure, attributes }) => ({ name, headers, failure, ...attributes }))).toEqual(
    [false, true].map((deep) => ({
      ...{ name: 'check redis', headers: {}, failure: undefined, 'medio.check': 'redis', 'medio.check.deep': deep },
      ...{ 'medio.check.status': 'degraded', 'medio.check.code': 'read_only' },
    })),
  )
})

it('fails the span of a run that failed with its code, and hands the error on', async () => {
  const { tracing, spans } = recordingTracing()
  const error = new CheckFailure('bad_response', 'Redis did not answer PING with PONG')
  const failing = traced(() => Promise.reject(error), tracing)
  await expect(failing.run(signal())).rejects.toBe(error)
  expect(spans[0]).toMatchObject({
    failure: { type: 'bad_response', message: 'Redis did not answer PING with PONG' },
    attributes: { 'medio.check.status': 'unhealthy' },
  })
})

it('ends the span of a run that is given up, whose promise never ends', async () => {
  const { tracing, spans } = recordingTracing()
  const hanging = traced(() => new Promise<CheckReading>(() => undefined), tracing)
  const timing = { timeoutMs: 20, monotonicMs: () => performance.now(), setTimer: setUnrefTimer }
  const run = startRun({ ask: (given) => hanging.run(given), classify: classifyFailure, ...timing })
  expect(await run.outcome).toMatchObject({ verdict: 'unhealthy', code: 'timeout' })
  await expect.poll(() => spans.map(({ failure }) => failure)).toEqual([{ type: 'timeout' }])
})

it('calls a run cancelled that the engine stops', async () => {
  const { tracing, spans } = recordingTracing()
  const controller = new AbortController()
  void traced(() => new Promise<CheckReading>(() => undefined), tracing).run(controller.signal)
  controller.abort()
  expect(spans.map(({ failure }) => failure)).toEqual([{ type: 'cancelled' }])
})
