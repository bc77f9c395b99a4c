/** The service as a whole machine under test: supervisor, nginx and Node, in the environment of production. */
import { Agent } from 'node:http'
import { type CgroupLimits, cpuMsOf } from './cgroup.ts'
import { type Machine, medioCommand, prepareMachine } from './machine.ts'
import { untilAllHealthy } from './medio.ts'
import type { Stage } from './stage.ts'
import { untilAnswer } from './until-answer.ts'

/** Resolves when every configured check is healthy. */
export async function startMedioMachine(
  stage: Stage,
  env: Readonly<Record<string, string>> = {},
  { limits, nginxConf }: { readonly limits?: CgroupLimits; readonly nginxConf?: string } = {},
): Promise<Machine> {
  const command = { ...(await medioCommand(stage, env)), ...(nginxConf !== undefined && { nginxConf }) }
  const machine = await prepareMachine(stage, command, limits)
  try {
    machine.start()
    const agent = new Agent({ keepAlive: true })
    await untilAnswer({ port: machine.port, path: '/api/health', agent }, 20, (code) => code === 200)
    agent.destroy()
    await untilAllHealthy(machine.origin, env.REDIS_URL === '')
  } catch (error) {
    await machine[Symbol.asyncDispose]()
    throw error
  }
  return machine
}

/** Milliseconds on a CPU so far: all of the machine, its Node and its nginx. */
export function spentOfMachine({ cgroup }: Machine) {
  return { cpuUs: cgroup.cpuMs(), nodeUs: cpuMsOf(cgroup, 'node'), nginxUs: cpuMsOf(cgroup, 'nginx') }
}
