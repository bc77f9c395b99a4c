import type { Request } from 'express'
import { readIsoTime } from '../observation/iso-time.ts'
import { ProblemError } from './problem.ts'

/** Reads the parameters of a query that a route knows. Those that it does not know are left alone. */
export interface QueryReader {
  time(name: string): Date | undefined
  text(name: string, lengthMax: number): string | undefined
  choice<const T extends string>(name: string, allowed: readonly T[]): T | undefined
  /** What was read fits together not: told with the others. */
  refuse(field: string, detail: string): void
  /** Throws 400 that names every parameter at fault. */
  check(): void
}

export function readQuery({ query }: Pick<Request, 'query'>): QueryReader {
  const errors: { field: string; detail: string }[] = []
  const refuse = (field: string, detail: string): undefined => {
    errors.push({ field, detail })
    return undefined
  }

  function given(name: string): string | undefined {
    const value: unknown = Object.hasOwn(query, name) ? query[name] : undefined
    if (value === undefined || typeof value === 'string') return value
    return refuse(name, 'is given more than once')
  }

  return {
    time(name) {
      const value = given(name)
      if (value === undefined) return undefined
      // A plus that was not encoded arrives as a space.
      const ms = readIsoTime(value.replace(' ', '+'))
      if (ms === undefined || ms < 0)
        return refuse(name, 'is not an ISO 8601 time with a zone, as 2026-11-22T10:00:00Z')
      return new Date(ms)
    },
    text(name, lengthMax) {
      const value = given(name)
      if (value === undefined) return undefined
      const isText = value.length >= 1 && value.length <= lengthMax && !value.includes('\0') && value.isWellFormed()
      return isText ? value : refuse(name, `is not a text of 1 to ${lengthMax} characters`)
    },
    choice(name, allowed) {
      const value = given(name)
      if (value === undefined) return undefined
      return allowed.find((word) => word === value) ?? refuse(name, `is not one of ${allowed.join(', ')}`)
    },
    refuse,
    check() {
      if (errors.length === 0) return
      const fields = errors.map(({ field, detail }) => `${field} ${detail}`).join('; ')
      throw new ProblemError({ status: 400, detail: `The query can not be used: ${fields}.`, extra: { errors } })
    },
  }
}
