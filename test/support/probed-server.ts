import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LoopbackServer, listenOnLoopback } from './loopback-server.ts'

export interface ProbedServer extends LoopbackServer {
  readonly url: string
  /** What the next requests get. */
  answer(listener: RequestListener): void
}

/** A server for probes, over TLS with a certificate that nobody trusts or without. */
export async function startProbedServer(options: { secure?: boolean } = {}): Promise<ProbedServer> {
  let listener: RequestListener = (_request, response) => response.end()
  const handle: RequestListener = (request, response) => listener(request, response)
  const server = options.secure === true ? createSecureServer(selfSigned(), handle) : createServer(handle)
  const loopback = await listenOnLoopback(server)
  return {
    ...loopback,
    url: `${options.secure === true ? 'https' : 'http'}://127.0.0.1:${loopback.port}/api/health`,
    answer(next) {
      listener = next
    },
  }
}

function selfSigned(): { key: Buffer; cert: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), 'medio-tls-'))
  try {
    const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
    const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const files = ['-keyout', keyFile, '-out', certFile, '-subj', '/CN=localhost', '-days', '1']
    execFileSync('openssl', [...words, ...files], { stdio: 'ignore' })
    return { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
