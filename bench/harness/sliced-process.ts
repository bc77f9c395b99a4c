/**
 * A contestant that stays alive and works in short slices on demand. Contestants that take turns every few hundred
 * milliseconds meet the same machine, which tells differences of a few percent where whole runs can't.
 */
import { once } from 'node:events'
import { startNode } from './node-process.ts'
import { serverCore } from './pinning.ts'

export interface SlicedProcess extends AsyncDisposable {
  /** CPU µs for each of `count` runs. */
  run(work: string, count: number): Promise<number>
}

export async function startSlicedProcess(args: readonly string[]): Promise<SlicedProcess> {
  const node = await startNode({ core: serverCore, args, channel: true })
  const { child } = node
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${args[0]} ended before its time; its stderr is above`)
  })
  // Nobody waits for it between slices, nor at its proper end.
  ended.catch(() => undefined)
  return {
    async run(work, count) {
      child.send({ work, count })
      const [cpuUs] = await Promise.race([once(child, 'message'), ended])
      return cpuUs
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  }
}
