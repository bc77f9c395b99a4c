import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSupervisorLink } from '../../src/lifecycle/supervisor-link.ts'

describe('the link to the supervisor', () => {
  let directory: string
  let heard: string
  let fd: number

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'medio-link-'))
    heard = join(directory, 'heard')
    fd = openSync(heard, 'a')
  })
  afterEach(() => {
    process.removeAllListeners('SIGUSR2')
    rmSync(directory, { recursive: true })
  })

  const stateOf = (promise: Promise<void>) => Promise.race([promise.then(() => 'closed'), delay(20, 'open')])

  it('tells a line each that the port may open and that it must close, and waits until it is closed', async () => {
    const link = createSupervisorLink(fd)
    expect(readFileSync(heard, 'utf8')).toBe('')
    link.ready()
    expect(readFileSync(heard, 'utf8')).toBe('ready\n')
    const closed = link.closePort()
    expect(readFileSync(heard, 'utf8')).toBe('ready\nclosing\n')
    expect(await stateOf(closed)).toBe('open')
    process.kill(process.pid, 'SIGUSR2')
    await closed
    expect(await stateOf(link.portClosed)).toBe('closed')
    closeSync(fd)
  })

  it('hears that the port was closed before it asked', async () => {
    const link = createSupervisorLink(fd)
    process.kill(process.pid, 'SIGUSR2')
    await link.portClosed
    await link.closePort()
    closeSync(fd)
  })

  it('takes the port for closed when the supervisor is gone', async () => {
    closeSync(fd)
    const link = createSupervisorLink(fd)
    link.ready()
    expect(await stateOf(link.portClosed)).toBe('closed')
  })

  it('waits for nobody when nobody supervises', async () => {
    const link = createSupervisorLink(undefined)
    link.ready()
    await link.closePort()
    expect(await stateOf(link.portClosed)).toBe('open')
    expect(process.listenerCount('SIGUSR2')).toBe(0)
    closeSync(fd)
  })
})
