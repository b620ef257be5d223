/** Deployments as the cluster shows them, by name. */
import type { Postgres } from '../connect.ts';
import type { DeploymentFilter, DeploymentRecord, Page, PageInput, Scope } from './contract.ts';
import { deploymentRecord } from './deployment-record.ts';
import { pageOf } from './pages.ts';

export async function listDeployments(
  { prisma }: Postgres,
  scope: Scope,
  filter: DeploymentFilter,
  page: PageInput,
): Promise<Page<DeploymentRecord>> {
  const { user, ...columns } = filter;
  const rows = await prisma.deployment.findMany({
    where: {
      ...columns,
      tombstone: false,
      AND: [
        scope.userId === null ? {} : { userId: scope.userId },
        user === undefined ? {} : { userId: user },
        page.after === null ? {} : { identifier: { gt: page.after.id } },
      ],
    },
    orderBy: { identifier: 'asc' },
    take: page.limit + 1,
  });
  return pageOf(rows, page, deploymentRecord, ({ identifier }) => identifier);
}
