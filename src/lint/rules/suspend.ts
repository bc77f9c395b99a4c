import type { Finding, Rule } from '../rule.ts'

/** https://fly.io/docs/reference/suspend-resume/ */
const mostMb = 2_048

/** Where machines are to be suspended, they can be: no swap, no GPU, at most 2 GB. */
export const suspend: Rule = {
  name: 'suspend',
  why: 'Fly stops the machine instead, and the next request waits for a cold start',
  check({ fly }) {
    if (fly.values.http_service?.auto_stop_machines !== 'suspend') return []
    const findings: Finding[] = []
    const next = (other: string) => `${other}, or write: auto_stop_machines = "stop"`
    const swap = fly.values.swap_size_mb ?? 0
    if (swap > 0) {
      const what = `swap_size_mb is ${swap}, and a machine with swap can't be suspended`
      findings.push({ at: fly.at('swap_size_mb'), what, next: next('Take it out') })
    }
    for (const [index, vm] of (fly.values.vm ?? []).entries()) {
      const mb = vm.memory_mb ?? vm.memory ?? 0
      if (mb > mostMb) {
        const at = fly.at('vm', index, vm.memory_mb === undefined ? 'memory' : 'memory_mb')
        const what = `the machine has ${mb} MB, and at most ${mostMb} can be suspended`
        findings.push({ at, what, next: next('Take less') })
      }
      if ((vm.gpus ?? 0) > 0 || vm.gpu_kind !== undefined) {
        const what = "the machine has a GPU, and can't be suspended"
        findings.push({ at: fly.at('vm', index, 'gpu_kind'), what, next: next('Take it out') })
      }
    }
    return findings
  },
}
