import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What a program that failed said last, in an error's message. */
const tailCharacters = 2_000

/** In front of a command: the kernel ends it when this process ends, however that was (prctl(2), PR_SET_PDEATHSIG). */
export const withUs = ['setpriv', '--pdeathsig', 'KILL', '--'] as const
/** In front of a command: its mounts and its children are its own, and go with it. */
export const contained = [...['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc']] as const

/** Runs a command to its end; resolves with its standard output, rejects with its last words. */
export async function run(command: readonly string[], signal?: AbortSignal): Promise<string> {
  const [program, ...words] = [...withUs, ...command] as const
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal, killSignal: 'SIGKILL' as const }),
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code === 0) return stdout
  const said = `${stdout}${stderr}`.slice(-tailCharacters).trim()
  throw new Error(`this ended with ${code}: ${command.join(' ')}\n${said}`)
}
