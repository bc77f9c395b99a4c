/** What Fly's proxy means by its codes (https://fly.io/docs/monitoring/error-codes/); others are told by themselves. */
const meanings: Readonly<Record<string, string>> = {
  PC01: 'the connection to the machine was refused',
  PC02: 'the connection to the machine was refused',
  PC03: 'the connection to the machine was reset',
  PC05: 'the connection to the machine timed out',
  PC07: 'its retries were used up',
  PU02: 'the machine did not complete the answer',
  PU03: 'the host of the machine could not be reached',
  PM01: 'the Machines API failed while it woke a machine',
  PM03: 'the machine did not wake in time',
  PM05: 'it could not connect to the machine that it woke',
  PM07: 'the state of the machine could not be changed',
  PM08: 'the machine can not be started',
  PM11: 'the machine had stopped less than 5 minutes before, and another was tried',
  PR01: 'no machine passes its checks',
  PR02: 'the machine is gone',
  PR03: 'it found no machine to take the request, after its retries',
  PR04: 'it found no machine to take the request, after its retries',
  PA01: 'the body was too large to be buffered',
}

/** Of an error code `fly_PR03`; undefined when it is not of the proxy. */
export function proxyFault(errorCode: string | undefined): string | undefined {
  const code = /^fly_(.+)$/.exec(errorCode ?? '')?.[1]
  if (code === undefined) return undefined
  const meaning = meanings[code]
  return meaning === undefined ? code : `${code}: ${meaning}`
}
