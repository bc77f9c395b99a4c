import type { CpuQuota } from './cgroup.ts'

/** What Fly guarantees to a shared CPU that has no burst left, https://fly.io/docs/machines/cpu-performance/ */
export const sharedCpu: CpuQuota = { share: 1 / 16, periodMs: 80 }

export function describeQuota({ share, periodMs }: CpuQuota): string {
  return `one core for ${share * periodMs} ms of each ${periodMs} ms`
}
