#!/usr/bin/env node
/** The one executable for people and scripts: `medio COMMAND`. */
import { requireNode } from './require-node.ts'

const commands: Readonly<Record<string, { what: string; load: () => Promise<Command> }>> = {
  check: {
    what: 'check URL      one probe, one line: 0 healthy, 1 not, 2 usage',
    load: async () => (await import('./check-command.ts')).checkCommand,
  },
  lint: {
    what: 'lint [DIR]     do fly.toml, Dockerfile, nginx.conf and the code agree: 0 yes, 1 no, 2 usage',
    load: async () => (await import('./lint-command.ts')).lintCommand,
  },
  migrate: {
    what: 'migrate        apply pending migrations, under a lock; safe when two machines do it at once',
    load: async () => (await import('./migrate-command.ts')).migrateCommand,
  },
  monitor: {
    what: 'monitor URL    probe from outside, then report: 0 criteria met, 1 not, 2 usage, 3 not enough data',
    load: async () => (await import('./monitor-command.ts')).monitorCommand,
  },
  'permit-restart': {
    what: 'permit-restart REASON   may this machine restart itself? 0 yes, recorded; 1 no, with the reason; 2 usage',
    load: async () => (await import('./permit-restart-command.ts')).permitRestartCommand,
  },
}

/** Gets what follows its name; resolves with the exit code. */
export type Command = (words: readonly string[]) => Promise<number>

requireNode()
const [name = '', ...words] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command === undefined) {
  const usage = ['usage: medio COMMAND', '', ...Object.values(commands).map(({ what }) => `  medio ${what}`), '']
  process.stderr.write(usage.join('\n'))
  process.exitCode = 2
} else {
  process.exitCode = await (await command.load())(words)
}
