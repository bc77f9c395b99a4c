/** Whether `error` carries one of the operating system's `codes`, as ENOENT. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** For `catch`: an error with one of `codes` is no error and becomes `value`, any other is thrown on. */
export function on<T>(codes: readonly string[], value: T): (error: unknown) => T {
  return (error) => {
    if (!hasCode(error, ...codes)) throw error
    return value
  }
}
