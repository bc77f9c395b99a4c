const leastMajor = 22
const leastMinor = 18

/** Older Node.js can't strip types: the reason should be in the first line, not in a stack of syntax errors. */
export function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  const wanted = `${leastMajor}.${leastMinor}`
  process.stderr.write(
    `medio: Node.js ${process.versions.node} is too old; ${wanted} or newer is needed. npm start uses the pinned one.\n`,
  )
  process.exit(2)
}
