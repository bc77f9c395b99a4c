/** The tables of docs/deploy.md: what fly.toml's profiles cost by the prices of ops/fly-prices.json. */
import prices from '../ops/fly-prices.json' with { type: 'json' }
import { readFlyToml } from '../src/lint/fly-toml.ts'
import { type MachineSize, monthUsd, runningUsd, runningWhenIdle, type Scaling } from '../src/report/machine-costs.ts'
import { deployProfiles } from './deploy-profiles.ts'

const { assumed, wakes } = prices
const stoppedUsd = assumed.rootGb * prices.rootGb.usd

/** One row per profile, in the order of fly.toml. */
export function profilesTable(flyToml: string): string[] {
  const rows = deployProfiles(flyToml).map(({ name, isOn, text }) => {
    const { size, scaling } = shapeOf(text)
    const { idleUsd, busyUsd } = monthUsd(scaling, { runningUsd: runningUsd(prices.machine, size), stoppedUsd })
    const running = `${runningWhenIdle(scaling)} of ${scaling.machines}`
    return row(`\`${name}\`${isOn ? ' (on)' : ''}`, running, usd(idleUsd), usd(busyUsd), firstWait(scaling))
  })
  const head = ['run without traffic', 'a month without traffic', 'a month of work for all', 'a first request waits']
  return [
    ...[row('profile', ...head), row('---', ...head.map(() => '---')), ...rows, ''],
    `The waits are Fly's statements (${wakes.source}), measured by nobody here.`,
  ]
}

/** What the profiles are computed from, and what else Fly may bill. */
export function pricesTable(flyToml: string): string[] {
  const { size } = shapeOf(flyToml)
  const { machine, rootGb, volumeGb, dedicatedIpv4, egressGb, postgresBasic } = prices
  const kind = `a running machine: ${size.sharedCpus} shared CPU, ${size.memoryGb * 1_024} MB, \`${size.region}\``
  const formula = `${usd(machine.sharedCpuUsd)} a CPU + ${usd(machine.memoryGbUsd)} a GB, × a factor by region`
  const volumes = `${assumed.machines} volumes of ${assumed.volumeGb} GB, if wanted`
  const volumesUsd = assumed.machines * assumed.volumeGb * volumeGb.usd
  const egressUsd = assumed.egressGb * egressGb.usd
  const postgresPrice = `${usd(postgresBasic.usd)} + ${usd(postgresBasic.gbUsd)} a GB`
  const postgresUsd = postgresBasic.usd + assumed.postgresGb * postgresBasic.gbUsd
  const perGb = (item: { usd: number }) => `${usd(item.usd)} a GB`
  return [
    row('what', 'price', 'a month', 'source'),
    row('---', '---', '---', '---'),
    row(kind, formula, usd(runningUsd(machine, size)), machine.source),
    row(`root disk of a stopped machine, ${assumed.rootGb} GB`, perGb(rootGb), usd(stoppedUsd), rootGb.source),
    row(volumes, perGb(volumeGb), usd(volumesUsd), volumeGb.source),
    row('an IPv4 address of its own, if wanted', usd(dedicatedIpv4.usd), usd(dedicatedIpv4.usd), dedicatedIpv4.source),
    row(`${assumed.egressGb} GB out, in North America and Europe`, perGb(egressGb), usd(egressUsd), egressGb.source),
    row(`Managed Postgres Basic, ${assumed.postgresGb} GB`, postgresPrice, usd(postgresUsd), postgresBasic.source),
    '',
    `Read on ${prices.readOn} from Fly's documents of ${prices.documentsOf}.`,
  ]
}

/** Size and scaling of the machines, from the text of a fly.toml. */
export function shapeOf(flyToml: string): { size: MachineSize; scaling: Scaling } {
  const { value, problems } = readFlyToml('fly.toml', flyToml)
  if (problems !== undefined) throw new Error(`fly.toml can't be read: ${problems.map(({ what }) => what).join('; ')}`)
  const { primary_region: region, http_service: service, vm: [vm] = [] } = value.values
  const sharedCpus = Number(/^shared-cpu-(\d+)x$/.exec(vm?.size ?? '')?.[1])
  if (region === undefined || service === undefined || vm?.memory === undefined || Number.isNaN(sharedCpus)) {
    throw new Error('fly.toml needs primary_region, [http_service], and [[vm]] with a shared-cpu size and memory')
  }
  const { auto_stop_machines: autoStop = 'off', min_machines_running: minRunning = 0 } = service
  return {
    size: { region, sharedCpus, memoryGb: vm.memory / 1_024 },
    scaling: { machines: assumed.machines, minRunning, autoStop },
  }
}

function firstWait(scaling: Scaling): string {
  if (runningWhenIdle(scaling) > 0) return 'not at all'
  const coldStart = `for a cold start: ${wakes.coldStart}`
  return scaling.autoStop === 'suspend' ? `for a resume: ${wakes.resume}; or ${coldStart}` : coldStart
}

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 3 })
const usd = (amount: number) => dollars.format(amount)
