import { expect, test } from 'vitest'
import { DatabaseError } from '../../src/errors.ts'
import { errorFields } from '../../src/telemetry/error-fields.ts'

test('an error is told by its type, message, code and stack', () => {
  const error = Object.assign(new TypeError('no such thing'), { code: 'ERR_THING' })
  expect(errorFields(error)).toEqual({
    type: 'TypeError',
    message: 'no such thing',
    code: 'ERR_THING',
    stack: error.stack,
  })
})

test('the causes follow, five deep at most, so that a loop ends', () => {
  const error = new Error('outer')
  error.cause = error
  expect(JSON.stringify(errorFields(error)).match(/"message":"outer"/g)).toHaveLength(6)
})

test('the first five errors of an aggregate are told', () => {
  const errors = ['::1', '127.0.0.1', 'c', 'd', 'e', 'f'].map((address) =>
    Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED', syscall: 'connect', address }),
  )
  const fields = errorFields(new AggregateError(errors, 'all failed'))
  expect(fields.errors).toMatchObject([
    { code: 'ECONNREFUSED', syscall: 'connect', address: '::1' },
    { address: '127.0.0.1' },
    {},
    {},
    { address: 'e' },
  ])
  expect(fields.errors).toHaveLength(5)
})

test('what is no error is told by its type and text', () => {
  expect(errorFields('just text')).toEqual({ type: 'string', message: 'just text' })
  expect(errorFields(undefined)).toEqual({ type: 'undefined', message: 'undefined' })
})

test('an error of Postgres keeps what names the place and loses what quotes the row', () => {
  const cause = Object.assign(new Error('duplicate key value violates unique constraint "users_email_key"'), {
    ...{ code: '23505', severity: 'ERROR', schema: 'public', table: 'users', constraint: 'users_email_key' },
    ...{ detail: 'Key (email)=(anna@example.org) already exists.', where: 'COPY users, line 1: "anna"' },
    ...{ hint: 'anna', internalQuery: "select 'anna'", parameters: ['anna'] },
  })
  const fields = errorFields(new DatabaseError('insert_user', '23505', cause))
  expect(fields).toMatchObject({
    type: 'DatabaseError',
    message: 'insert_user: duplicate key value violates unique constraint "users_email_key" (SQLSTATE 23505)',
    sqlState: '23505',
    statement: 'insert_user',
    cause: { code: '23505', severity: 'ERROR', schema: 'public', table: 'users', constraint: 'users_email_key' },
  })
  expect(JSON.stringify(fields)).not.toContain('anna')
})

test('the value that a data exception quotes is masked in the message, the stack and the causes', () => {
  const cause = Object.assign(new Error('invalid input syntax for type uuid: "anna "the" first"'), { code: '22P02' })
  const fields = errorFields(new Error('could not read', { cause: new DatabaseError('select_user', '22P02', cause) }))
  expect(fields.message).toBe('could not read')
  expect(fields.cause).toMatchObject({
    message: 'select_user: invalid input syntax for type uuid: "…" (SQLSTATE 22P02)',
    cause: { message: 'invalid input syntax for type uuid: "…"' },
  })
  expect(JSON.stringify(fields)).not.toContain('anna')
  expect(JSON.stringify(fields)).toContain('error-fields.test.ts')
})
