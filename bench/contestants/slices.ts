/**
 * The contestant's side of harness/sliced-process.ts: runs `count` times one of its works whenever it is told to, and
 * says what CPU each took.
 */
export interface Slice {
  readonly work: string
  readonly count: number
}

export function serveSlices(works: Readonly<Record<string, () => Promise<unknown>>>): void {
  process.on('message', (slice: Slice) => {
    const work = works[slice.work]
    if (work === undefined) throw new Error(`no work named ${slice.work}`)
    void cpuUsEach(slice.count, work).then((cpuUs) => process.send?.(cpuUs))
  })
}

/** All threads of the process, garbage collection and compilation included. */
async function cpuUsEach(count: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (let done = 0; done < count; done += 1) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}
