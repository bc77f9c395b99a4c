import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { DatabaseError } from '../../../src/errors.ts'
import { CheckFailure, type ReasonCode } from '../../../src/health/check.ts'
import { classifyFailure } from '../../../src/health/checks/failure-code.ts'

function coded(code: string, more: object = {}): Error {
  return Object.assign(new Error(`it failed with ${code}`), { code }, more)
}

async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  return work().then(
    () => expect.unreachable('it was to fail'),
    (error: unknown) => error,
  )
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('classifyFailure', () => {
  it('keeps the code, text and measurement of a check that knows why it failed', () => {
    const failure = new CheckFailure('pool_stuck', 'nothing moves', { observedValue: 10, threshold: 10 })
    expect(classifyFailure(failure)).toEqual({
      code: 'pool_stuck',
      message: 'nothing moves',
      measurement: { observedValue: 10, threshold: 10 },
    })
  })

  const systemCodes: Record<string, ReasonCode> = {
    ECONNREFUSED: 'connection_refused',
    EHOSTUNREACH: 'connection_refused',
    ENETUNREACH: 'connection_refused',
    ECONNRESET: 'connection_lost',
    EPIPE: 'connection_lost',
    ERR_STREAM_PREMATURE_CLOSE: 'connection_lost',
    UND_ERR_SOCKET: 'connection_lost',
    ETIMEDOUT: 'timeout',
    UND_ERR_CONNECT_TIMEOUT: 'timeout',
    UND_ERR_HEADERS_TIMEOUT: 'timeout',
    ENOTFOUND: 'dns_failed',
    EAI_AGAIN: 'dns_failed',
    EPROTO: 'tls_failed',
    CERT_HAS_EXPIRED: 'tls_failed',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_failed',
    SELF_SIGNED_CERT_IN_CHAIN: 'tls_failed',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_failed',
    ERR_TLS_CERT_ALTNAME_INVALID: 'tls_failed',
    ERR_SSL_WRONG_VERSION_NUMBER: 'tls_failed',
    HPE_INVALID_CONSTANT: 'bad_response',
    ENOSPC: 'disk_full',
    EDQUOT: 'disk_full',
    EROFS: 'disk_read_only',
    EMFILE: 'check_failed',
    EIO: 'check_failed',
  }
  it.each(Object.entries(systemCodes))('reads the system error %s as %s', (code, expected) => {
    expect(classifyFailure(coded(code)).code).toBe(expected)
  })

  it.each(['EACCES', 'EPERM'])('tells a forbidden file from a forbidden socket by the system call of %s', (code) => {
    expect(classifyFailure(coded(code, { syscall: 'open' })).code).toBe('disk_read_only')
    expect(classifyFailure(coded(code, { syscall: 'connect' })).code).toBe('connection_refused')
  })

  it('reads a Unix socket that is not there as a refused connection, a file that is not there as a failed check', async () => {
    const socket = connectTcp({ path: '/no/such/socket' })
    const [error] = await once(socket, 'error')
    expect(classifyFailure(error).code).toBe('connection_refused')
    const missing = await failureOf(() => readFile('/no/such/file'))
    expect(classifyFailure(missing).code).toBe('check_failed')
  })

  const sqlStates: Record<string, ReasonCode> = {
    '28P01': 'auth_failed',
    '28000': 'auth_failed',
    '53300': 'too_many_connections',
    '53100': 'disk_full',
    '57P01': 'connection_lost',
    '57P02': 'connection_lost',
    '08006': 'connection_lost',
    '08P01': 'connection_lost',
    '08001': 'connection_refused',
    '57P03': 'connection_refused',
    '57014': 'timeout',
    '55P03': 'timeout',
    '25P04': 'timeout',
    '25006': 'read_only',
    '3D000': 'check_failed',
    '42P01': 'check_failed',
    XX000: 'check_failed',
  }
  it.each(Object.entries(sqlStates))(
    'reads SQLSTATE %s as %s, bare or wrapped with its statement',
    (state, expected) => {
      expect(classifyFailure(coded(state)).code).toBe(expected)
      expect(classifyFailure(new DatabaseError('select_one', state, coded(state))).code).toBe(expected)
    },
  )

  const texts: [string, ReasonCode][] = [
    ['NOAUTH Authentication required.', 'auth_failed'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'auth_failed'],
    ["NOPERM this user has no permissions to run the 'set' command", 'auth_failed'],
    ['ERR AUTH <password> called without any password configured for the default user.', 'auth_failed'],
    ["READONLY You can't write against a read only replica.", 'read_only'],
    ['MISCONF Redis is configured to save RDB snapshots, but it is not able to persist on disk.', 'read_only'],
    ['LOADING Redis is loading the dataset in memory', 'connection_refused'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'memory_high'],
    ['ERR max number of clients reached', 'too_many_connections'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'bad_response'],
    ['Connection terminated unexpectedly', 'connection_lost'],
    ['Connection terminated due to connection timeout', 'timeout'],
    ['timeout exceeded when trying to connect', 'timeout'],
    ['Query read timeout', 'timeout'],
    ['Socket closed unexpectedly', 'connection_lost'],
    ['Client has encountered a connection error and is not queryable', 'connection_lost'],
    ['The server does not support SSL connections', 'tls_failed'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'auth_failed'],
    ['something that nobody foresaw', 'check_failed'],
  ]
  it.each(texts)('reads the bare text "%s" as %s', (text, expected) => {
    expect(classifyFailure(new Error(text))).toEqual({ code: expected, message: text, measurement: {} })
  })

  it('reads an aborted signal and a timed-out one as a time-out', async () => {
    expect(classifyFailure(AbortSignal.abort().reason).code).toBe('timeout')
    const timedOut = AbortSignal.timeout(0)
    await once(timedOut, 'abort')
    expect(classifyFailure(timedOut.reason).code).toBe('timeout')
  })

  it('finds the reason of a failed fetch in its cause, and tells both texts', async () => {
    const port = await closedPort()
    const error = await failureOf(() => fetch(`http://127.0.0.1:${port}`))
    expect(classifyFailure(error)).toEqual({
      code: 'connection_refused',
      message: `fetch failed: connect ECONNREFUSED 127.0.0.1:${port}`,
      measurement: {},
    })
  })

  it('finds the reason in an aggregate of attempts, which has no text of its own', async () => {
    const port = await closedPort()
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
    const socket = connectTcp({ host: 'two.invalid', port, lookup: (_host, _options, done) => done(null, addresses) })
    const [error] = await once(socket, 'error')
    expect(error).toBeInstanceOf(AggregateError)
    expect(classifyFailure(error)).toEqual({
      code: 'connection_refused',
      message: `connect ECONNREFUSED 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.2:${port}`,
      measurement: {},
    })
  })

  it('finds the reason in any error of an aggregate without a code', () => {
    const attempts = new AggregateError([new Error('first address'), coded('EHOSTUNREACH')], 'no address answered')
    expect(classifyFailure(attempts)).toEqual({
      code: 'connection_refused',
      message: 'no address answered: first address: it failed with EHOSTUNREACH',
      measurement: {},
    })
  })

  it('takes no system error of five letters for a SQLSTATE, and leaves the word to its cause', () => {
    expect(classifyFailure(coded('EBUSY', { cause: coded('ENOSPC') })).code).toBe('disk_full')
  })

  it('lets the outermost error that tells a reason decide', () => {
    const error = new CheckFailure('read_only', 'a standby', {}, { cause: coded('ECONNRESET') })
    expect(classifyFailure(error).code).toBe('read_only')
  })

  it('survives an error that is its own cause', () => {
    const error = new Error('round and round')
    error.cause = new Error('again', { cause: error })
    expect(classifyFailure(error)).toEqual({ code: 'check_failed', message: 'round and round: again', measurement: {} })
  })

  it('takes anything that was thrown, and cuts what is too long', () => {
    expect(classifyFailure('a string')).toEqual({ code: 'check_failed', message: 'a string', measurement: {} })
    expect(classifyFailure(undefined)).toEqual({ code: 'check_failed', message: '', measurement: {} })
    expect(classifyFailure(new Error('x'.repeat(10_000))).message).toHaveLength(500)
  })
})
