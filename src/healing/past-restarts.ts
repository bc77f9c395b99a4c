import type { MachineTotals } from '../history/machine-history.ts'
import type { PastRestart } from '../history/machine-restarts.ts'
import { restartBudget, tighterBudget } from './restart-budget.ts'
import type { RestartLedger } from './restart-ledger.ts'

/** What a fresh process knows of its machine's restarts. It makes none itself without ending, so one reading is enough. */
export interface PastRestarts {
  /** What is left of the hour's budget; undefined until both records were read. */
  remaining(): number | undefined
}

/** `onRead`: told once, with the youngest restart if there is one. */
export function readPastRestarts(options: {
  firstTotals: Promise<Pick<MachineTotals, 'recentRestarts'>>
  ledger: RestartLedger
  monotonicMs: () => number
  onRead: (youngest: PastRestart | undefined) => void
}): PastRestarts {
  const { firstTotals, ledger, monotonicMs, onRead } = options
  let known: { readonly lists: readonly (readonly PastRestart[])[]; readonly readAtMs: number } | undefined

  async function read(): Promise<void> {
    const { recentRestarts } = await firstTotals
    // A file that can't be read is told when it is needed.
    const inFile = await ledger.read().catch(() => [])
    known = { lists: [recentRestarts, inFile], readAtMs: monotonicMs() }
    onRead([...recentRestarts, ...inFile].sort((a, b) => a.ageMs - b.ageMs)[0])
  }
  void read()

  return {
    remaining() {
      if (known === undefined) return undefined
      const sinceMs = monotonicMs() - known.readAtMs
      const budgets = known.lists.map((list) => restartBudget(list.map(({ ageMs }) => ageMs + sinceMs)))
      return budgets.reduce(tighterBudget).remaining
    },
  }
}
