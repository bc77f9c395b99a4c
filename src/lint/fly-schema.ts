import * as z from 'zod'
import { httpCheckKeys, httpService, machineChecks, service } from './fly-services.ts'
import { duration, memory, oneOrList, port, textByName, texts } from './fly-values.ts'

const vm = z.strictObject({
  size: z.string().optional(),
  memory: memory.optional(),
  memory_mb: z.int().positive().optional(),
  max_memory_mb: z.int().positive().optional(),
  cpu_kind: z.enum(['shared', 'performance']).optional(),
  cpus: z.int().positive().optional(),
  gpus: z.int().nonnegative().optional(),
  gpu_kind: z.string().optional(),
  host_dedication_id: z.string().optional(),
  persist_rootfs: z.enum(['never', 'restart', 'always']).optional(),
  kernel_args: texts,
  processes: texts,
})

/**
 * Every key that flyctl reads from fly.toml, and no other, since Fly ignores what it does not know. From flyctl's
 * structures (https://github.com/superfly/flyctl/tree/master/internal/appconfig); durations become milliseconds,
 * memory becomes MiB, and what may be one table or a list of them becomes a list.
 */
export const flySchema = z.strictObject({
  app: z.string().optional(),
  primary_region: z.string().optional(),
  kill_signal: z.string().optional(),
  kill_timeout: duration(1_000).optional(),
  swap_size_mb: z.int().nonnegative().optional(),
  console_command: z.string().optional(),
  host_dedication_id: z.string().optional(),
  machine_config: z.string().optional(),
  container: z.string().optional(),
  experimental: z
    .strictObject({
      cmd: texts,
      entrypoint: texts,
      exec: texts,
      auto_rollback: z.boolean().optional(),
      enable_consul: z.boolean().optional(),
      enable_etcd: z.boolean().optional(),
      lazy_load_images: z.boolean().optional(),
      attached: z.record(z.string(), z.unknown()).optional(),
      machine_config: z.string().optional(),
    })
    .optional(),
  build: z
    .strictObject({
      builder: z.string().optional(),
      args: textByName,
      buildpacks: texts,
      image: z.string().optional(),
      settings: z.record(z.string(), z.unknown()).optional(),
      builtin: z.string().optional(),
      dockerfile: z.string().optional(),
      ignorefile: z.string().optional(),
      'build-target': z.string().optional(),
      compose: z.strictObject({ file: z.string().optional() }).optional(),
      compression: z.string().optional(),
      compression_level: z.int().optional(),
    })
    .optional(),
  deploy: z
    .strictObject({
      strategy: z.enum(['rolling', 'immediate', 'canary', 'bluegreen']).optional(),
      max_unavailable: z.number().positive().optional(),
      wait_timeout: duration(1_000).optional(),
      release_command: z.string().optional(),
      release_command_timeout: duration(1_000).optional(),
      release_command_vm: vm.optional(),
      seed_command: z.string().optional(),
    })
    .optional(),
  env: textByName,
  processes: z.record(z.string(), z.string()).optional(),
  mounts: oneOrList(
    z.strictObject({
      source: z.string().optional(),
      destination: z.string(),
      initial_size: z.union([z.string(), z.int()]).optional(),
      snapshot_retention: z.int().optional(),
      scheduled_snapshots: z.boolean().optional(),
      auto_extend_size_threshold: z.int().optional(),
      auto_extend_size_increment: z.string().optional(),
      auto_extend_size_limit: z.string().optional(),
      processes: texts,
    }),
  ),
  http_service: httpService.optional(),
  services: z.array(service).optional(),
  checks: z
    .record(
      z.string(),
      z.strictObject({ ...httpCheckKeys, type: z.enum(['http', 'tcp']), port: port.optional(), processes: texts }),
    )
    .optional(),
  files: z
    .array(
      z.strictObject({
        guest_path: z.string(),
        local_path: z.string().optional(),
        secret_name: z.string().optional(),
        raw_value: z.string().optional(),
        processes: texts,
      }),
    )
    .optional(),
  machine_checks: machineChecks,
  restart: z
    .array(
      z.strictObject({
        policy: z.enum(['always', 'never', 'on-failure']).optional(),
        retries: z.int().nonnegative().optional(),
        processes: texts,
      }),
    )
    .optional(),
  vm: oneOrList(vm),
  statics: z
    .array(
      z.strictObject({
        guest_path: z.string(),
        url_prefix: z.string(),
        tigris_bucket: z.string().optional(),
        index_document: z.string().optional(),
      }),
    )
    .optional(),
  metrics: oneOrList(
    z.strictObject({ port, path: z.string().optional(), https: z.boolean().optional(), processes: texts }),
  ),
})

export type FlyConfig = z.infer<typeof flySchema>
