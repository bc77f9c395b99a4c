/** A cause chain longer than this is a loop or says nothing new. */
const maxDepth = 5
/** Of an AggregateError (one per address that was tried) the first few name the fault. */
const maxErrors = 5

/**
 * Beside type, message, code and stack. Postgres' `detail`, `where`, `hint` and `internalQuery` are left out on
 * purpose: they quote the row (`Key (email)=(…) already exists`).
 */
const keptFields = [
  ...['sqlState', 'statement', 'severity', 'schema', 'table', 'column', 'constraint', 'dataType', 'routine'],
  ...['errno', 'syscall', 'address', 'port'],
] as const

export interface ErrorFields {
  readonly type: string
  readonly message: string
  readonly [field: string]: unknown
}

/** An error as the log has it: plain data, with its causes and without the values of a statement. */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const fields: Record<string, unknown> = {}
  for (const name of ['code', ...keptFields] as const) {
    const value: unknown = Reflect.get(error, name)
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value
  }
  const message = messageWithoutValues(error)
  if (error.stack !== undefined) fields.stack = error.stack.replace(error.message, () => message)
  if (depth < maxDepth) {
    if (error.cause !== undefined) fields.cause = errorFields(error.cause, depth + 1)
    if (error instanceof AggregateError) {
      fields.errors = error.errors.slice(0, maxErrors).map((inner: unknown) => errorFields(inner, depth + 1))
    }
  }
  return { type: error.constructor.name === 'Error' ? error.name : error.constructor.name, message, ...fields }
}

function messageWithoutValues(error: Error): string {
  return quotesValues(error) ? maskQuoted(error.message) : error.message
}

/**
 * Whether this error, or one that caused it, is a data exception of Postgres (SQLSTATE class 22): its message repeats
 * the parameter, as in `invalid input syntax for type uuid: "…"`.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function quotesValues(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > maxDepth) return false
  const state: unknown = Reflect.get(error, 'sqlState') ?? Reflect.get(error, 'code')
  return (typeof state === 'string' && /^22[0-9A-Z]{3}$/.test(state)) || quotesValues(error.cause, depth + 1)
}

/** From the first quotation mark to the last, since a value may hold some of its own. */
export const maskQuoted = (message: string) => message.replace(/".*"/s, '"…"')
