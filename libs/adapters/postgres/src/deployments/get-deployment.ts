/** One deployment as the cluster shows it. */
import type { Postgres } from '../connect.ts';
import type { DeploymentRecord, Scope } from './contract.ts';
import { deploymentRecord } from './deployment-record.ts';

export async function getDeployment(
  { prisma }: Postgres,
  { userId }: Scope,
  identifier: string,
): Promise<DeploymentRecord | null> {
  const row = await prisma.deployment.findFirst({
    where: { identifier, tombstone: false, ...(userId === null ? {} : { userId }) },
  });
  return row === null ? null : deploymentRecord(row);
}
