/** How long a machine takes to its first 200 through nginx, and what CPU time. */
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type CgroupLimits, cpuMsOf } from './cgroup.ts'
import { type MachineCommand, prepareMachine } from './machine.ts'
import type { Stage } from './stage.ts'
import { untilAnswer } from './until-answer.ts'

const knockEveryMs = 1
/** After the first answer: most of what was put off until then is over. */
const settleMs = 1_000

export async function measureMachineStart(stage: Stage, command: MachineCommand, limits?: CgroupLimits) {
  await using machine = await prepareMachine(stage, command, limits)
  const agent = new Agent({ keepAlive: true })
  const begun = machine.start()
  await untilAnswer({ port: machine.port, path: '/api/health', agent }, knockEveryMs, (code) => code === 200)
  const wallMs = performance.now() - begun.atMs
  const { cpuMs, ...parts } = machine.cgroup.still(() => ({
    cpuMs: machine.cgroup.cpuMs() - begun.cpuMs,
    nodeMs: cpuMsOf(machine.cgroup, 'node'),
    nginxMs: cpuMsOf(machine.cgroup, 'nginx'),
  }))
  agent.destroy()
  await pause(settleMs)
  const settledCpuMs = machine.cgroup.still(() => machine.cgroup.cpuMs()) - begun.cpuMs
  return { wallMs, cpuMs, ...parts, restMs: cpuMs - parts.nodeMs - parts.nginxMs, settledCpuMs }
}
