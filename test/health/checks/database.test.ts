import { describe, expect, it } from 'vitest'
import type { DeepCheckWrite } from '../../../src/db/deep-check-write.ts'
import type { SideConnection } from '../../../src/db/side-connection.ts'
import { createDatabaseCheck } from '../../../src/health/checks/database.ts'

const { signal } = new AbortController()

function checkOver(rows: object[], write: DeepCheckWrite = async (_machineId, nonce) => nonce) {
  const asked: { text: string; signal: AbortSignal }[] = []
  let released = 0
  const sideConnection: SideConnection = {
    async query<Row>(text: string, querySignal: AbortSignal) {
      asked.push({ text, signal: querySignal })
      return rows as Row[]
    },
    async release() {
      released += 1
    },
  }
  const check = createDatabaseCheck({ sideConnection, writeThroughPool: write, machineId: 'm1' })
  return { check, asked, released: () => released }
}

describe('the database check', () => {
  it('asks one statement over the side connection, with the signal of the run', async () => {
    const { check, asked } = checkOver([{ readOnly: false, inRecovery: false }])
    expect(await check.run(signal)).toEqual({ observedValue: expect.any(Number), observedUnit: 'ms' })
    expect(asked).toHaveLength(1)
    expect(asked[0]?.signal).toBe(signal)
  })

  it('warns of a standby and of a read-only server, each by its own text', async () => {
    const standby = await checkOver([{ readOnly: true, inRecovery: true }]).check.run(signal)
    expect(standby.degraded).toEqual({
      code: 'read_only',
      message: 'Postgres is a standby (in recovery): point DATABASE_URL at the primary',
    })
    const readOnly = await checkOver([{ readOnly: true, inRecovery: false }]).check.run(signal)
    expect(readOnly.degraded).toEqual({
      code: 'read_only',
      message: 'Postgres takes no writes: default_transaction_read_only is on',
    })
  })

  it('refuses an answer without a row', async () => {
    await expect(checkOver([]).check.run(signal)).rejects.toMatchObject({ code: 'bad_response' })
  })

  it('writes a new nonce for its machine in every deep run and wants it back', async () => {
    const written: string[] = []
    const { check, asked } = checkOver([], async (machineId, nonce, writeSignal) => {
      expect(machineId).toBe('m1')
      expect(writeSignal).toBe(signal)
      written.push(nonce)
      return nonce
    })
    await check.runDeep?.(signal)
    await check.runDeep?.(signal)
    expect(new Set(written).size).toBe(2)
    expect(asked).toEqual([])
  })

  it('fails deep when another value comes back', async () => {
    const { check } = checkOver([], async () => 'something older')
    await expect(check.runDeep?.(signal)).rejects.toMatchObject({ code: 'bad_response' })
  })

  it('lets go of the side connection', async () => {
    const { check, released } = checkOver([])
    await check.release?.()
    expect(released()).toBe(1)
  })
})
