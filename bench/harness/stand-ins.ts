/**
 * Far sides that answer the background checks of a service under test, so that every check of the registry is
 * configured and healthy. They answer; they do not verify: that is what the tests' stand-ins are for.
 */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'

export interface StandIns {
  /** Variables of the service that point at them. */
  readonly env: Readonly<Record<string, string>>
  close(): void
}

export async function startStandIns(): Promise<StandIns> {
  const redis = createServer(answerRedis)
  const http = createHttpServer((_request, response) => response.end())
  // Listens and never answers: a reporter that sends before there was an error would hang here and be seen.
  const sentry = createServer((socket) => socket.on('error', ignoreReset))
  const [redisPort, httpPort, sentryPort] = await Promise.all([redis, http, sentry].map(listen))
  return {
    env: {
      REDIS_URL: `redis://127.0.0.1:${redisPort}`,
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${httpPort}`,
      BUCKET_NAME: 'bench',
      AWS_ACCESS_KEY_ID: 'bench-access-key',
      AWS_SECRET_ACCESS_KEY: 'bench-secret-key',
      EXTERNAL_APIS: `payments=http://127.0.0.1:${httpPort}/,mail=http://127.0.0.1:${httpPort}/`,
      SENTRY_DSN: `http://0123456789abcdef0123456789abcdef@127.0.0.1:${sentryPort}/1`,
    },
    close() {
      for (const server of [redis, http, sentry]) server.close().unref()
    },
  }
}

/** One reply per command of RESP, https://redis.io/docs/latest/develop/reference/protocol-spec/ */
function answerRedis(socket: Socket): void {
  socket.on('error', ignoreReset)
  socket.on('data', (chunk: Buffer) => {
    for (const [, command] of chunk.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n([a-z]+)\r\n/gi)) {
      socket.write(redisReplies[command?.toUpperCase() ?? ''] ?? '+OK\r\n')
    }
  })
}

const redisReplies: Readonly<Record<string, string>> = {
  PING: '+PONG\r\n',
  HELLO: '%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n',
}

function ignoreReset(): void {
  // The service ends its connections as it likes.
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a stand-in got no port')
  return address.port
}
