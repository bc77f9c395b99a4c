import { lint, problemLine } from '../lint/lint.ts'
import { rules } from '../lint/rules.ts'
import type { Command } from './medio.ts'

const usage =
  'usage: medio lint [DIR]   (DIR has fly.toml, Dockerfile and nginx.conf; the current directory if left out)\n'

/** `medio lint`: one line per problem, then a summary. */
export const lintCommand: Command = async (words) => {
  const [directory = '.', ...rest] = words
  if (rest.length > 0 || directory.startsWith('-')) {
    process.stderr.write(usage)
    return 2
  }
  const report = lint(directory)
  if (report.kind === 'missing') {
    process.stderr.write(
      `medio lint: ${directory} has no ${report.files.join(', no ')}; name the project's root\n${usage}`,
    )
    return 2
  }
  const waived = report.kind === 'linted' ? report.waived : []
  const lines = [
    ...report.problems.map(problemLine),
    ...waived.map(({ at, rule, what, reason }) => `${at.file}:${at.line} ${rule}: waived: ${what}, because ${reason}`),
    report.kind === 'linted'
      ? `${rules.length} rules: ${counted(report.problems.length)}, ${waived.length} waived`
      : `${counted(report.problems.length)} in the files themselves; none of the ${rules.length} rules was applied`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return report.problems.length === 0 ? 0 : 1
}

const counted = (count: number) => (count === 1 ? '1 problem' : `${count} problems`)
