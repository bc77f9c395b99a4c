import type { MachineSize, Scaling } from './machine-costs.ts'

/** The profiles of fly.toml, and the machine that they run: a test holds both together. */
export const deployShapes: readonly (Omit<Scaling, 'machines'> & { readonly name: string })[] = [
  { name: 'one-running', minRunning: 1, autoStop: 'stop' },
  { name: 'scale-to-zero', minRunning: 0, autoStop: 'suspend' },
  { name: 'two-running', minRunning: 2, autoStop: 'off' },
]

export const machineSize: Omit<MachineSize, 'region'> = { sharedCpus: 1, memoryGb: 0.25 }
