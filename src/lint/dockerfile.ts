import { DockerfileParser, type Instruction, type PropertyInstruction } from 'dockerfile-ast'
import type { Comment, Located, Place, Read } from './rule.ts'

/** What a container starts, by ENTRYPOINT or CMD. */
export interface StartCommand {
  readonly words: readonly string[]
  /** The other form runs under a shell, which passes no signal on. */
  readonly isExecForm: boolean
}

/** What the last stage leaves in the image, the stages that it stands on included. */
export interface Image {
  readonly environment: ReadonlyMap<string, Located<string>>
  readonly exposed: readonly Located<number>[]
  readonly user: Located<string> | undefined
  readonly entrypoint: Located<StartCommand> | undefined
  readonly command: Located<StartCommand> | undefined
  readonly stopSignal: Located<string> | undefined
}

export interface Dockerfile extends Image {
  /** The FROM of the last stage. */
  readonly at: Place
  /** Names that a build can be given, with their defaults; they stay readable in the image's history. */
  readonly buildArguments: ReadonlyMap<string, Located<string>>
  readonly comments: readonly Comment[]
}

/** https://docs.docker.com/reference/dockerfile/ */
export function readDockerfile(file: string, text: string): Read<Dockerfile> {
  const parsed = DockerfileParser.parse(text)
  const placeOf = (node: Pick<Instruction, 'getRange'>) => ({ file, line: node.getRange().start.line + 1 })
  const buildArguments = new Map<string, Located<string>>()
  const stages = new Map<string, Image>()
  let stage: Stage | undefined
  let from: Place = { file, line: 1 }

  for (const instruction of parsed.getInstructions()) {
    const keyword = instruction.getKeyword()
    if (keyword === 'FROM') {
      const [base = '', as = '', name = ''] = instruction.getArguments().map((argument) => argument.getValue())
      from = placeOf(instruction)
      stage = beginStage(stages.get(base))
      stages.set(as.toUpperCase() === 'AS' ? name : `${stages.size}`, stage)
    } else if (keyword === 'ARG') {
      for (const { name, value, at } of pairs(instruction as PropertyInstruction, placeOf)) {
        buildArguments.set(name, { value: expand(value, [stage?.environment, buildArguments]), at })
      }
    } else if (stage !== undefined) apply(stage, keyword, instruction)
  }

  function apply(to: Stage, keyword: string, instruction: Instruction): void {
    const at = placeOf(instruction)
    const scopes = [to.environment, buildArguments]
    const words = instruction.getArguments().map((argument) => expand(argument.getValue(), scopes))
    const [word = ''] = words
    if (keyword === 'ENV') {
      for (const pair of pairs(instruction as PropertyInstruction, placeOf)) {
        to.environment.set(pair.name, { value: expand(pair.value, scopes), at: pair.at })
      }
    } else if (keyword === 'EXPOSE') to.exposed.push(...words.map((port) => ({ value: Number.parseInt(port, 10), at })))
    else if (keyword === 'USER') to.user = { value: word, at }
    else if (keyword === 'STOPSIGNAL') to.stopSignal = { value: word, at }
    else if (keyword === 'ENTRYPOINT') to.entrypoint = { value: startCommand(instruction), at }
    else if (keyword === 'CMD') to.command = { value: startCommand(instruction), at }
  }

  if (stage === undefined) {
    const problem = {
      rule: 'syntax',
      at: from,
      what: 'there is no FROM',
      next: 'Begin a stage: nothing of the file can be read',
    }
    return { problems: [problem] }
  }
  const comments = parsed.getComments().map((comment) => ({
    text: comment.getContent() ?? '',
    at: placeOf(comment),
  }))
  return { value: { ...stage, at: from, buildArguments, comments } }
}

interface Stage extends Image {
  readonly environment: Map<string, Located<string>>
  readonly exposed: Located<number>[]
  user: Located<string> | undefined
  entrypoint: Located<StartCommand> | undefined
  command: Located<StartCommand> | undefined
  stopSignal: Located<string> | undefined
}

function beginStage(base: Image | undefined): Stage {
  return {
    environment: new Map(base?.environment),
    exposed: [...(base?.exposed ?? [])],
    user: base?.user,
    entrypoint: base?.entrypoint,
    command: base?.command,
    stopSignal: base?.stopSignal,
  }
}

function pairs(instruction: PropertyInstruction, placeOf: (node: Pick<Instruction, 'getRange'>) => Place) {
  return instruction.getProperties().map((property) => ({
    name: property.getName(),
    value: property.getValue() ?? '',
    at: placeOf(property),
  }))
}

function startCommand(instruction: Instruction): StartCommand {
  const text = instruction.getArgumentsContent() ?? ''
  try {
    const words: unknown = JSON.parse(text)
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return { words, isExecForm: true }
  } catch {
    // No JSON: Docker takes it as the text of a shell's -c, and so do we.
  }
  return { words: text.split(/\s+/), isExecForm: false }
}

/** `$NAME`, `${NAME}` and `${NAME:-default}`; what is not set is empty. */
function expand(text: string, scopes: readonly (ReadonlyMap<string, Located<string>> | undefined)[]): string {
  return text.replaceAll(/\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g, (_all, bare, braced, fallback = '') => {
    const name = bare ?? braced
    const found = scopes.map((scope) => scope?.get(name)?.value).find((value) => value !== undefined && value !== '')
    return found ?? fallback
  })
}
