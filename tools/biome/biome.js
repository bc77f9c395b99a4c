#!/usr/bin/env node
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const name = `@biomejs/cli-${process.platform}-${process.arch}`
process.exit(spawnSync(binaryPath(), process.argv.slice(2), { stdio: 'inherit' }).status ?? 1)

function binaryPath() {
  try {
    return createRequire(import.meta.url).resolve(`${name}/biome`)
  } catch {
    process.stderr.write(`biome: ${name} is not installed; add it to tools/biome/package.json and run npm install\n`)
    process.exit(1)
  }
}
