import type { Queryable } from '../db/queryable.ts'

/** `source`: the first start of a version, or the pipeline that shipped it. */
export interface Deployment {
  readonly version: string
  readonly commit: string | null
  readonly imageRef: string | null
  readonly at: Date
  readonly source: 'start' | 'pipeline'
}

/** True when this version and commit had never been recorded. */
export async function insertDeployment(db: Queryable, deployment: Deployment): Promise<boolean> {
  const rows = await db.query({
    name: 'deployments.insert',
    text: `insert into deployments (version, commit, image_ref, at, source) values ($1, $2, $3, $4, $5)
           on conflict (version, commit) do nothing returning id`,
    values: [deployment.version, deployment.commit, deployment.imageRef, deployment.at, deployment.source],
  })
  return rows.length > 0
}

/** Newest first. */
export function listDeployments(db: Queryable, limit: number): Promise<Deployment[]> {
  return db.query<Deployment>({
    name: 'deployments.list',
    text: `select version, commit, image_ref as "imageRef", at, source from deployments order by at desc, id desc limit $1`,
    values: [limit],
  })
}
