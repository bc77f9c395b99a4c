import type { Deployment } from './deployment.ts'

/** A line of one of the files, named relative to the directory that is linted. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** A value with the place where it is set. */
export interface Located<Value> {
  readonly value: Value
  readonly at: Place
}

/** A comment, without its sign. */
export interface Comment {
  readonly text: string
  readonly at: Place
}

/** One disagreement. Texts have no full stop at the end. */
export interface Finding {
  readonly at: Place
  /** What disagrees with what, with the values of both. */
  readonly what: string
  /** What to do about it. */
  readonly next: string
}

/** A finding with the name of what found it. */
export interface Problem extends Finding {
  readonly rule: string
  readonly why?: string
}

/** What reading a file came to. */
export type Read<Value> =
  | { readonly value: Value; readonly problems?: undefined }
  | { readonly value?: undefined; readonly problems: readonly Problem[] }

/** One agreement that the files and the code must keep. */
export interface Rule {
  /** Also the name of its file, and what a waiver names. */
  readonly name: string
  /** What happens to users or operators where it is broken. Without a full stop at the end. */
  readonly why: string
  /** Empty where all agree, and where another rule already says that the subject is missing. */
  check(deployment: Deployment): Finding[]
}
