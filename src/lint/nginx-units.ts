const unitMs: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
  ...{ d: 86_400_000, w: 604_800_000, M: 2_592_000_000, y: 31_536_000_000 },
}
const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1_024, m: 1_048_576, g: 1_073_741_824 }

/** Milliseconds of nginx's `1m30s`; a bare number counts seconds. Undefined when it is none. */
export function nginxTimeMs(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|[smhdwMy])\s*)*\d*$/.test(text) || text === '') return undefined
  const parts = text.matchAll(/(\d+)(ms|[smhdwMy])?/g)
  return [...parts].reduce((sum, [, count, unit = 's']) => sum + Number(count) * (unitMs[unit] ?? 0), 0)
}

/** Bytes of nginx's `16k`. Undefined when it is none. */
export function nginxSizeBytes(text: string): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(text)
  return match === null ? undefined : Number(match[1]) * (unitBytes[(match[2] ?? '').toLowerCase()] ?? 1)
}
