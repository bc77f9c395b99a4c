import { beforeEach, describe, expect, it } from 'vitest'
import { createPoolWatch } from '../../src/healing/pool-watch.ts'

const poolStuckMs = 10_000
const looks = 4

let stuckForMs: number
let held: { place: string; heldMs: number; destroy: () => void }[]
let destroyed: string[]
let told: unknown[]
let databaseIsHealthy: boolean
let lockWaits: () => Promise<number>

beforeEach(() => {
  stuckForMs = poolStuckMs
  held = []
  destroyed = []
  told = []
  databaseIsHealthy = true
  lockWaits = async () => 0
})

function open() {
  return createPoolWatch({
    pool: { poolPressure: () => ({ stuckForMs, lastConnectError: undefined }), leaked: () => held },
    ...{ poolStuckMs, looks },
    databaseIsHealthy: () => databaseIsHealthy,
    lockWaits: () => lockWaits(),
    logger: { warn: ({ event, place, heldMs }) => told.push({ event, place, heldMs }) },
  })
}

/** As a route that forgot it: to destroy it makes room. */
function hold(place: string): void {
  const destroy = () => {
    destroyed.push(place)
    held = held.filter((each) => each.place !== place)
    stuckForMs = 0
  }
  held.push({ place, heldMs: 31_000.4, destroy })
}

describe('the watch over the pool', () => {
  it('finds nothing while the pool works, however long it is looked at', () => {
    stuckForMs = poolStuckMs - 1
    hold('a report that runs for long')
    const watch = open()
    expect(Array.from({ length: 10 }, () => watch.look())).toEqual(Array(10).fill(undefined))
    expect(destroyed).toEqual([])
  })

  it('destroys the clients that nobody gave back, names their places, and begins anew', () => {
    const watch = open()
    hold('leakyRoute (src/http/leaky.ts:1:1)')
    watch.look()
    expect(destroyed).toEqual([])
    watch.look()
    expect(destroyed).toEqual(['leakyRoute (src/http/leaky.ts:1:1)'])
    expect(told).toEqual([
      { event: 'leaked_client_destroyed', place: 'leakyRoute (src/http/leaky.ts:1:1)', heldMs: 31_000 },
    ])
    expect(watch.look()).toBeUndefined()
    stuckForMs = poolStuckMs
    expect([watch.look(), watch.look(), watch.look()]).toEqual([undefined, undefined, undefined])
    expect(watch.look()?.code).toBe('pool_stuck')
  })

  it('finds a fault when the pool was stuck at every look, and says for how long', () => {
    stuckForMs = 135_400
    const watch = open()
    for (let look = 1; look < looks; look++) expect(watch.look()).toBeUndefined()
    expect(watch.look()).toMatchObject({
      code: 'pool_stuck',
      message: expect.stringMatching(/^no connection was given back for 135 s,/),
    })
  })

  it('counts one late look once, as after a loop that was blocked for minutes', () => {
    const watch = open()
    stuckForMs = 600_000
    expect(watch.look()).toBeUndefined()
    stuckForMs = 0
    expect(watch.look()).toBeUndefined()
    expect(destroyed).toEqual([])
  })

  it.each([
    ['its own while Postgres works and nobody waits for a lock', true, () => undefined],
    [
      'a shared one while the database check is not healthy',
      false,
      () => {
        databaseIsHealthy = false
      },
    ],
    [
      'a shared one while a session waits for a lock',
      false,
      () => {
        lockWaits = async () => 1
      },
    ],
    [
      'a shared one when the side connection does not answer',
      false,
      () => {
        lockWaits = () => Promise.reject(new Error('timeout'))
      },
    ],
    [
      'none any more when a client came back during the question',
      false,
      () => {
        lockWaits = async () => {
          stuckForMs = 0
          return 0
        }
      },
    ],
  ])('takes the fault for %s', async (_whose, isLocal, arrange) => {
    const watch = open()
    for (let look = 1; look < looks; look++) watch.look()
    const fault = watch.look()
    arrange()
    expect(await fault?.isLocal()).toBe(isLocal)
  })
})
