/** LockService, as the gRPC server has it: every method with who may call it and where it goes. */
import { type ServedService, serve } from '@windlass/grpc';
import { LockService } from '@windlass/proto/lock/v1';
import type { LockNode } from '../node/lock-node.ts';
import type { AccessRules } from './access.ts';
import type { Forwarding } from './forwarding.ts';
import { listLocks } from './listing.ts';
import type { LockCalls } from './lock-calls.ts';
import { LockServiceCalls } from './lock-service.ts';
import type { RequestChecks } from './request-checks.ts';
import { toGrpcError } from './service-error.ts';
import { type SessionStream, serveSession } from './session-stream.ts';
import type { Watches } from './watches.ts';

export type LockServiceParts = {
  readonly access: AccessRules;
  readonly calls: LockCalls;
  readonly checks: RequestChecks;
  readonly forwarding: Forwarding;
  readonly watches: Watches;
};

export function lockService(parts: LockServiceParts): ServedService {
  const { access, calls, checks, forwarding, watches } = parts;
  const { method } = LockService;
  const locks = new LockServiceCalls(calls, checks);
  const { unary } = forwarding;
  return serve(
    LockService,
    {
      session: (stream) => serveSession(memberNode(calls), checks, stream),
      openSession: unary(method.openSession, (request, context) =>
        locks.openSession(request, context),
      ),
      renewSession: unary(method.renewSession, (request, context) =>
        locks.renewSession(request, context),
      ),
      closeSession: unary(method.closeSession, (request, context) =>
        locks.closeSession(request, context),
      ),
      acquire: unary(method.acquire, (request, context) => locks.acquire(request, context)),
      tryAcquire: unary(method.tryAcquire, (request, context) =>
        locks.tryAcquire(request, context),
      ),
      release: unary(method.release, (request, context) => locks.release(request, context)),
      validate: unary(method.validate, (request, context) => locks.validate(request, context)),
      get: unary(method.get, (request, context) => locks.get(request, context)),
      list: unary(method.list, (request, context) => listLocks(calls, request, context)),
      watch: (stream) => refusing(() => watches.watch(stream)),
      forceRelease: unary(method.forceRelease, (request, context) => {
        const actor = access.requireOperator(context.metadata, context.peer());
        return locks.forceRelease(request, context, actor);
      }),
      campaign: unary(method.campaign, (request, context) => locks.campaign(request, context)),
      proclaim: unary(method.proclaim, (request, context) => locks.proclaim(request, context)),
      observe: (stream) => refusing(() => watches.observe(stream)),
      resign: unary(method.resign, (request, context) => locks.resign(request, context)),
    },
    { raw: ['session'] },
  );
}

function memberNode(calls: LockCalls): LockNode {
  return refusing(() => calls.member().node);
}

function refusing<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw toGrpcError(error);
  }
}

export type { SessionStream };
