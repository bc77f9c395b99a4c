import type { LoadRequest } from './open-load.ts'

/** In production configuration only the operator may read and record deployments. */
export const operatorToken = 'operator-token-of-the-load'

const authorization = { Authorization: `Bearer ${operatorToken}` }

/** People, monitors that ask for health, pipelines that read and write: every fourth request needs the database. */
export function userRequest(index: number): LoadRequest {
  switch (index % 8) {
    case 3:
      return { method: 'GET', path: '/api/deployments', headers: authorization, isRight: (code) => code === 200 }
    case 7:
      return recordDeployment(`1.0.${index}`)
    case 1:
    case 5:
      return { method: 'GET', path: '/api/health', isRight: isTrueHealth }
    default:
      return { method: 'GET', path: '/', isRight: (statusCode) => statusCode === 200 }
  }
}

export function recordDeployment(version: string): LoadRequest {
  return {
    method: 'POST',
    path: '/api/deployments',
    headers: { ...authorization, 'Content-Type': 'application/json' },
    body: JSON.stringify({ version }),
    isRight: (statusCode) => statusCode === 201 || statusCode === 200,
  }
}

/** A machine that drains says so, and means itself: that is no failure, as any other 503 is. */
function isTrueHealth(statusCode: number | undefined, body: string): boolean {
  return statusCode === 200 || (statusCode === 503 && body.includes('"status":"draining"'))
}
