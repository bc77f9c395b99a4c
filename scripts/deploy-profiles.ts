export interface DeployProfile {
  readonly name: string
  readonly isOn: boolean
  /** fly.toml with this profile on and no other. */
  readonly text: string
}

const heading = /^\s*# profile ([a-z-]+): /
const switchable = /^(\s*)(# )?(\w+ = .+|# medio-lint: .+)$/

/**
 * The profiles that fly.toml names. Each is a comment that begins with `# profile NAME: ` and, to the next empty line,
 * settings and waivers of the lint; where the profile is not on, all of it is comments, a waiver twice over.
 */
export function deployProfiles(flyToml: string): DeployProfile[] {
  const lines = flyToml.split('\n')
  const owners = ownersOf(lines)
  const names = [...new Set(owners)].filter((name) => name !== undefined)
  return names.map((name) => {
    const text = lines.map((line, index) =>
      owners[index] === undefined ? line : switched(line, owners[index] === name),
    )
    return {
      name,
      isOn: lines.every((line, index) => owners[index] !== name || line === text[index]),
      text: text.join('\n'),
    }
  })
}

/** For each line the name of the profile whose block it is in. */
function ownersOf(lines: readonly string[]): (string | undefined)[] {
  let name: string | undefined
  return lines.map((line) => {
    name = line.trim() === '' ? undefined : (heading.exec(line)?.[1] ?? name)
    return name
  })
}

function switched(line: string, on: boolean): string {
  return line.replace(switchable, (_all, indent: string, _sign, text: string) => `${indent}${on ? '' : '# '}${text}`)
}
