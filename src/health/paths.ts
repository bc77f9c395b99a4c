/** Where health is asked. */
export const healthPath = '/api/health'

/** May traffic come to this machine? The one path that Fly's check asks. */
export const readyPath = '/ready'

/** What may follow it for everybody: proxies, supervisors and monitors have no token, in production neither. */
export const openPaths: readonly string[] = ['', '/live', readyPath, '/startup']

/** All that may follow it. */
export const knownPaths: readonly string[] = [...openPaths, '/deep', '/checks/:name']
