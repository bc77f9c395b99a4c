import { presetMemoryMb } from '../fly-memory.ts'
import type { FlyConfig } from '../fly-schema.ts'
import type { Finding, Rule } from '../rule.ts'

/** The least that the whole stack is tested with (bench/). */
const leastMb = 256
/** What is needed beside the heap: Node's code and buffers, nginx, the kernel. */
const besideHeapMb = 96
/** V8's default, and three of them are a young generation. */
const semiSpaceMb = 16

/** The machine's memory holds the heap that Node is allowed by `NODE_OPTIONS`, and all beside it. */
export const memory: Rule = {
  name: 'memory',
  why: 'the kernel kills Node before V8 collects, and callers see a 502 without a reason',
  check({ fly, environment }) {
    const machines = fly.values.vm ?? []
    const size = 'memory = "256mb"'
    if (machines.length === 0) {
      return [{ at: fly.at('vm'), what: 'fly.toml has no [[vm]]', next: `Write: [[vm]] with ${size}` }]
    }
    const options = environment.get('NODE_OPTIONS')?.value ?? ''
    const oldMb = flag(options, 'max-old-space-size')
    const heapMb = oldMb === undefined ? 0 : oldMb + 3 * (flag(options, 'max-semi-space-size') ?? semiSpaceMb)
    return machines.flatMap((vm, index): Finding[] => {
      const at = fly.at('vm', index, vm.memory_mb === undefined ? 'memory' : 'memory_mb')
      const mb = memoryMb(vm)
      if (mb < leastMb)
        return [{ at, what: `the machine has ${mb} MB, and ${leastMb} are tested`, next: `Write: ${size}` }]
      if (mb >= heapMb + besideHeapMb) return []
      const what = `the machine has ${mb} MB, and NODE_OPTIONS allows a heap of ${heapMb} MB with ${besideHeapMb} beside it`
      return [{ at, what, next: 'Lower --max-old-space-size or give the machine more' }]
    })
  },
}

function memoryMb({ memory_mb: exact, memory: text, size }: NonNullable<FlyConfig['vm']>[number]): number {
  return exact ?? text ?? presetMemoryMb(size ?? '') ?? leastMb
}

function flag(options: string, name: string): number | undefined {
  const value = new RegExp(`--${name.replaceAll('-', '[-_]')}[= ](\\d+)`).exec(options)?.[1]
  return value === undefined ? undefined : Number(value)
}
