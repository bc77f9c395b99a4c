import { createReadStream } from 'node:fs'

/** As much as a line of ours can have; a file that is one endless line must not fill the memory. */
const lineMaxBytes = 262_144
const chunkBytes = 1_048_576
const newline = 0x0a

/** Each line of a file with its number, from 1, in one pass; undefined for a line that is too long to be one of ours. */
export async function eachLine(
  path: string,
  onLine: (line: string | undefined, number: number) => void,
): Promise<void> {
  let number = 0
  let rest: Buffer = Buffer.alloc(0)
  let tooLong = false

  function take(bytes: Buffer): void {
    number += 1
    onLine(tooLong || bytes.length > lineMaxBytes ? undefined : bytes.toString('utf8').replace(/\r$/, ''), number)
    tooLong = false
  }

  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    let bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline)) {
      take(bytes.subarray(0, end))
      bytes = bytes.subarray(end + 1)
    }
    if (bytes.length > lineMaxBytes) {
      tooLong = true
      bytes = Buffer.alloc(0)
    }
    rest = bytes
  }
  if (rest.length > 0 || tooLong) take(rest)
}
