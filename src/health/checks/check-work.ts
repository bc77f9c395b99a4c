import type { ConfiguredCheck } from '../check.ts'

/** What a check does, without who it is and when it runs: those stand in `../registry.ts`. */
export type CheckWork = Pick<ConfiguredCheck, 'run' | 'runDeep' | 'release'>
