/** The service itself. `npm start` runs it from sources, the image from the bundle. */
import manifest from '../../package.json' with { type: 'json' }
import { readEnv, toConfig } from '../config.ts'
import { ConfigError } from '../errors.ts'
import { installSignals } from '../lifecycle/signals.ts'
import { createService } from '../service.ts'
import { firstSteps } from './first-steps.ts'
import { migrationsDirectory } from './migrations-directory.ts'
import { requireNode } from './require-node.ts'

/** EX_SOFTWARE of sysexits(3). Anything but 0 makes Fly start the machine again. */
const selfRestartCode = 70

requireNode()
const config = configOrExit()
const service = createService({
  ...{ config, version: manifest.version, migrationsDirectory },
  onGiveUp: (code) => void service.stop(`self-restart: ${code}`).then(() => process.exit(selfRestartCode), fail),
})

installSignals({
  stop: (signal) => void service.stop(signal).then(() => process.exit(0), fail),
  hurry: (signal) => void service.stop(signal),
  crash: (error) => void service.crash(error).then(() => process.exit(1), fail),
})

service.start().then((ports) => {
  if (!config.production) process.stderr.write(firstSteps(ports))
}, fail)

function configOrExit() {
  try {
    return toConfig(readEnv(process.env))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) process.stderr.write(`configuration: ${problem}\n`)
    process.exit(2)
  }
}

/** The service can't say it itself: it did not start, or its own end failed. */
function fail(error: unknown): void {
  process.stderr.write(`medio: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
