import type { Config } from '../config.ts'
import type { Dockerfile } from './dockerfile.ts'
import type { FlyToml } from './fly-toml.ts'
import type { MeasuredStart } from './measured-start.ts'
import type { NginxConf } from './nginx-conf.ts'
import type { Located } from './rule.ts'
import type { Watch } from './watch.ts'

/** What has to agree: the three files, the configuration that the service will read where they run it, and its watch. */
export interface Deployment {
  readonly fly: FlyToml
  readonly image: Dockerfile
  readonly nginx: NginxConf
  /** By name: the image's variables, with those of fly.toml over them. */
  readonly environment: ReadonlyMap<string, Located<string>>
  readonly config: Config
  readonly measuredStart: MeasuredStart
  readonly watch: Watch
}
