/** The audit trail, newest first. */
import type { Postgres } from '../connect.ts';
import { oneOf } from './column-values.ts';
import type { AuditRecord, Page, PageInput, Role, Scope } from './contract.ts';
import { afterNumber, pageOf } from './pages.ts';

const roles = { user: 'user', admin: 'admin' } as const satisfies Record<Role, Role>;

export async function listAudit(
  { prisma }: Postgres,
  { userId }: Scope,
  page: PageInput,
): Promise<Page<AuditRecord>> {
  const after = afterNumber(page);
  const rows = await prisma.auditLog.findMany({
    where: {
      ...(userId === null ? {} : { userId }),
      ...(after === null ? {} : { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  });
  return pageOf(
    rows,
    page,
    (row) => ({
      ...row,
      id: String(row.id),
      role: oneOf(roles, row.role),
      revision: row.revision === null ? null : Number(row.revision),
    }),
    ({ id }) => String(id),
  );
}
