import { run } from './run.ts'

/** Where this machine gets Debian from. */
export interface DebianMirror {
  readonly archive: string
  readonly security: string | undefined
}

/** Asked of apt, so that the project needs to name no mirror and the image comes from one that this machine reaches. */
export async function debianMirror(signal?: AbortSignal): Promise<DebianMirror> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)'
  const command = ['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']
  const lines = (await run(command, signal)).split('\n')
  const sources = lines
    .map((line) => line.split(' '))
    .filter(([uri, , component]) => {
      return component === 'main' && /\/debian(-security)?\/$/.test(uri ?? '')
    })
  const security = sources.find(([, release]) => release?.endsWith('-security'))?.[0]
  const archive = sources.find(([, release]) => release !== undefined && !release.includes('-'))?.[0]
  if (archive === undefined) {
    throw new Error(
      'apt has no source of Debian itself, which the image is made of; add one to /etc/apt/sources.list.d',
    )
  }
  return { archive, security }
}

/** Lines of a source list for apt: a release, its updates, and its security fixes if there is a mirror of them. */
export function aptSources({ archive, security }: DebianMirror, release: string): string[] {
  const line = (uri: string, suite: string) =>
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${uri} ${suite} main`
  const fixes = security === undefined ? [] : [line(security, `${release}-security`)]
  return [line(archive, release), line(archive, `${release}-updates`), ...fixes]
}
