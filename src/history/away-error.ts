import { DatabaseError } from '../errors.ts'

/**
 * Whether a write may succeed at another time: the database is away, hangs, takes no writes, or has not the schema yet.
 * Only data that it will never take (SQLSTATE classes 22 and 23) and faults of our own are for good.
 */
export function isAwayError(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.sqlState === undefined || !/^2[23]/.test(error.sqlState)
  // The time-out that ended a transaction.
  return error instanceof DOMException
}
