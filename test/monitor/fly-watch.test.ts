import { afterEach, describe, expect, it } from 'vitest'
import { machineEventsOf } from '../../src/monitor/fly-events.ts'
import { type FlyWatch, startFlyWatch } from '../../src/monitor/fly-watch.ts'
import { createMachinesApi } from '../../src/monitor/machines-api.ts'
import { type ApiEvent, type ApiMachine, startMachinesApi } from '../support/machines-api-stand-in.ts'

const startMs = Date.UTC(2026, 10, 22, 10)
const at = (seconds: number) => new Date(startMs + seconds * 1_000).toISOString()
const event = (seconds: number, type: string, status: string, request?: object): ApiEvent => ({
  ...{ type, status, source: 'flyd', timestamp: startMs + seconds * 1_000, ...(request && { request }) },
})
const exit = (facts: object) => ({ exit_event: facts, restart_count: 0 })
const machine = (id: string, events: ApiEvent[], more: Partial<ApiMachine> = {}): ApiMachine => ({
  ...{ id, region: 'iad', state: 'started', events, ...more },
})
const token = 'FlyV1 fm2_abcdefgh'
const signal = new AbortController().signal

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
async function apiOf(machines: ApiMachine[], more: { shortList?: boolean; token?: string } = {}) {
  const standIn = await startMachinesApi({ app: 'shop', token, machines, ...more })
  closers.push(standIn.close)
  return { standIn, api: createMachinesApi({ baseUrl: standIn.url, app: 'shop', token: 'fm2_abcdefgh' }) }
}

describe('events of the Machines API', () => {
  const told = (...events: ApiEvent[]) =>
    machineEventsOf(machine('m1', events)).map(({ kind, reason }) =>
      reason === undefined ? kind : `${kind} ${reason}`,
    )

  it('tell why a machine started, from what came before', () => {
    expect(
      told(
        event(0, 'launch', 'created'),
        event(1, 'start', 'starting'),
        event(2, 'start', 'started'),
        event(10, 'exit', 'stopped', exit({ requested_stop: true, exit_code: 0 })),
        event(20, 'start', 'started'),
        event(30, 'exit', 'stopped', exit({ requested_stop: false, exit_code: 1 })),
        event(31, 'start', 'started'),
        event(40, 'update', 'replacing'),
        event(41, 'exit', 'stopped', exit({ requested_stop: true, exit_code: 0 })),
        event(42, 'start', 'started'),
        event(50, 'suspend', 'suspended'),
        event(60, 'start', 'started'),
        event(70, 'start', 'started'),
      ),
    ).toEqual([
      ...['start deploy', 'exit', 'start wake', 'exit', 'start crash', 'exit', 'start deploy', 'stop'],
      ...['resume wake', 'start unknown'],
    ])
  })

  it('tell how a process ended, wherever the API put it', () => {
    const facts = { exit_code: 255, guest_exit_code: 137, oom_killed: true, requested_stop: false }
    const expected = [
      {
        ...{ machine: 'm1', region: 'iad', at: at(0), kind: 'exit', source: 'fly' },
        ...{ exitCode: 137, oomKilled: true, requestedStop: false },
      },
    ]
    for (const request of [exit(facts), { MonitorEvent: exit(facts) }]) {
      expect(machineEventsOf(machine('m1', [event(0, 'exit', 'stopped', request)]))).toEqual(expected)
    }
  })

  it('that make no sense are left out', () => {
    const odd = [null, 'x', {}, { type: 'start' }, { type: 'start', status: 'started', timestamp: 'now' }]
    expect(machineEventsOf({ id: 'm1', state: 'started', events: odd })).toEqual([])
  })
})

describe('watching the machines of an app', () => {
  it('names those that serve, and merges what later looks bring', async () => {
    const m1 = machine('m1', [event(-60, 'launch', 'created'), event(-50, 'start', 'started')])
    const worker = machine('w1', [event(0, 'start', 'started')], { config: { services: [] } })
    const { api } = await apiOf([machine('m2', [event(5, 'restart', 'x')]), m1, worker])
    const watch = (await startFlyWatch(api, signal)) as FlyWatch
    expect(watch.machines()).toEqual(['m1', 'm2'])
    // The API has forgotten the older ones since.
    m1.events = [event(30, 'exit', 'stopped', exit({ requested_stop: true, exit_code: 0 }))]
    const { events, gaps } = await watch.finish(startMs, signal)
    expect(gaps).toEqual([])
    expect(events.map(({ machine: id, kind, at: when }) => [id, kind, when])).toEqual([
      ['m1', 'start', at(-50)],
      ['m2', 'restart', at(5)],
      ['m1', 'exit', at(30)],
    ])
  })

  it('asks each machine by itself where the list has no events', async () => {
    const { api, standIn } = await apiOf([machine('m1', [event(1, 'start', 'started')])], { shortList: true })
    const watch = (await startFlyWatch(api, signal)) as FlyWatch
    expect(standIn.requests).toEqual(['GET /v1/apps/shop/machines', 'GET /v1/apps/shop/machines/m1'])
    expect((await watch.finish(startMs, signal)).events).toHaveLength(1)
  })

  it('that can not be listed is a problem with the next step, and without the token', async () => {
    const { api } = await apiOf([], { token: 'another' })
    const { api: empty } = await apiOf([])
    const problems = [await startFlyWatch(api, signal), await startFlyWatch(empty, signal)].map(
      (watch) => (watch as { problem: string }).problem,
    )
    expect(problems).toEqual([
      expect.stringMatching(/answered 401 \(check FLY_API_TOKEN;/),
      'the app has no machine that serves requests; deploy it first',
    ])
    expect(problems.join()).not.toContain('fm2_abcdefgh')
  })

  it('that fails at the end is a gap, and what was seen stays', async () => {
    const { api, standIn } = await apiOf([machine('m1', [event(1, 'start', 'started')])])
    const watch = (await startFlyWatch(api, signal)) as FlyWatch
    standIn.fail(403)
    const { events, gaps } = await watch.finish(startMs, signal)
    expect(events).toHaveLength(1)
    expect(gaps).toEqual([
      `The last events of the machines are missing: the Machines API at ${standIn.url.origin} answered 403 (FLY_API_TOKEN may not read this app).`,
    ])
  })
})
