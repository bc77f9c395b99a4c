import type { RefusedRestart } from '../../healing/self-healing.ts'
import { CheckFailure, type CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'

/** Is there a fault that only a restart would mend, and that this machine may not restart itself for? */
export function createSelfHealingCheck(options: { refusedRestart: () => RefusedRestart | undefined }): CheckWork {
  function run(): CheckReading {
    const refused = options.refusedRestart()
    if (refused === undefined) return {}
    const { code, message, inTurn } = refused
    if (inTurn) return { degraded: { code, message } }
    throw new CheckFailure(code, message)
  }

  return { run }
}
