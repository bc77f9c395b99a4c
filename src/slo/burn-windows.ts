/** The windows over which burn rates are told: those of the alert pairs 5m/1h, 30m/6h, 2h/1d and 6h/3d. */
export const burnWindows = [
  { name: '5m', durationMs: 5 * 60_000 },
  { name: '30m', durationMs: 30 * 60_000 },
  { name: '1h', durationMs: 3_600_000 },
  { name: '2h', durationMs: 2 * 3_600_000 },
  { name: '6h', durationMs: 6 * 3_600_000 },
  { name: '1d', durationMs: 86_400_000 },
  { name: '3d', durationMs: 3 * 86_400_000 },
] as const
export type BurnWindow = (typeof burnWindows)[number]['name']
