const acceptable = /^[\w.-]{1,128}$/

/** Keeps an incoming id of a safe form, so that a line can be followed across services; makes one otherwise. */
export function createRequestIds(random: () => number): (incoming: string | string[] | undefined) => string {
  const processPart = Array.from({ length: 12 }, () => Math.floor(random() * 36).toString(36)).join('')
  let count = 0
  return (incoming) => {
    if (typeof incoming === 'string' && acceptable.test(incoming)) return incoming
    count += 1
    return `${processPart}-${count.toString(36)}`
  }
}
