import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withUs } from './run.ts'

/** Waits until no other process builds in this directory; the lock goes with this process, however that ends. */
export async function lockStore(directory: string): Promise<AsyncDisposable> {
  await mkdir(directory, { recursive: true })
  const [first, ...words] = [...withUs, 'flock', join(directory, 'lock'), 'sh', '-c', 'echo held; exec cat']
  const holder = spawn(first as string, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(holder, 'exit')
  await Promise.race([once(holder.stdout, 'data'), exited])
  if (holder.exitCode !== null) throw new Error(`${directory} can't be locked; flock ended with ${holder.exitCode}`)
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end()
      await exited
    },
  }
}
