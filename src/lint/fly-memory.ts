/** flyctl's sizes are binary: `256mb` is 256 MiB, and a bare number counts MiB. Undefined when it is none. */
export function flyMemoryMb(value: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(?:(m|g)i?b?)?$/i.exec(String(value))
  if (match === null) return undefined
  return Number(match[1]) * (match[2]?.toLowerCase() === 'g' ? 1_024 : 1)
}

/** Memory of a preset such as `shared-cpu-1x`, by flyctl's table. */
export function presetMemoryMb(size: string): number | undefined {
  const match = /^(?:(shared-cpu)|(performance))-(\d+)x$/.exec(size)
  if (match === null) return undefined
  return Number(match[3]) * (match[1] === undefined ? 2_048 : 256)
}
