/**
 * The unary calls of LockService, each as one function of a message. Answered by the leader; who
 * else is asked, forwards (see forwarding.ts).
 */
import { create } from '@bufbuild/protobuf';
import {
  close,
  LockCode,
  type Operation,
  OperationKind,
  type OperationResult,
} from '@windlass/lock-wire';
import {
  type AcquireRequest,
  type AcquireResponse,
  AcquireResponseSchema,
  type CampaignRequest,
  type CampaignResponse,
  CampaignResponseSchema,
  type CloseSessionRequest,
  type CloseSessionResponse,
  CloseSessionResponseSchema,
  type ForceReleaseRequest,
  type ForceReleaseResponse,
  ForceReleaseResponseSchema,
  type GetRequest,
  type GetResponse,
  GetResponseSchema,
  type OpenSessionRequest,
  type OpenSessionResponse,
  OpenSessionResponseSchema,
  type ProclaimRequest,
  type ProclaimResponse,
  ProclaimResponseSchema,
  type ReleaseRequest,
  type ReleaseResponse,
  ReleaseResponseSchema,
  type RenewSessionRequest,
  type RenewSessionResponse,
  RenewSessionResponseSchema,
  type ResignRequest,
  type ResignResponse,
  ResignResponseSchema,
  type TryAcquireRequest,
  type TryAcquireResponse,
  TryAcquireResponseSchema,
  type ValidateRequest,
  type ValidateResponse,
  ValidateResponseSchema,
} from '@windlass/proto/lock/v1';
import { LockFailure } from '../node/lock-failure.ts';
import type { CallContext, LockCalls } from './lock-calls.ts';
import {
  acquireOf,
  grantOf,
  integer,
  lockOf,
  metadataOf,
  releaseOf,
  resultOf,
  scopeOf,
  unexpected,
} from './lock-messages.ts';
import type { RequestChecks } from './request-checks.ts';

/** An operator's reason is kept in the audit log. */
const reasonLengthMax = 1_024;

export class LockServiceCalls {
  readonly #calls: LockCalls;
  readonly #checks: RequestChecks;

  constructor(calls: LockCalls, checks: RequestChecks) {
    this.#calls = calls;
    this.#checks = checks;
  }

  async openSession(
    request: OpenSessionRequest,
    context: CallContext,
  ): Promise<OpenSessionResponse> {
    const { clientName, ttlMs } = request;
    const problem = this.#checks.hello({ ttlMs, clientName });
    if (problem !== null) throw new LockFailure(LockCode.Invalid, problem);
    const answer = await this.#calls.ask({ kind: 'open', ttlMs, clientName }, context);
    if (answer.kind !== 'opened') throw unexpected(answer);
    const sessionId = BigInt(answer.sessionId);
    return create(OpenSessionResponseSchema, { sessionId, ttlMs: answer.ttlMs });
  }

  async renewSession(
    request: RenewSessionRequest,
    context: CallContext,
  ): Promise<RenewSessionResponse> {
    const sessionId = sessionOf(request.sessionId);
    const answer = await this.#calls.ask({ kind: 'renew', sessionId }, context);
    if (answer.kind !== 'renewed') throw unexpected(answer);
    return create(RenewSessionResponseSchema, { ttlMs: answer.ttlMs });
  }

  async closeSession(
    request: CloseSessionRequest,
    context: CallContext,
  ): Promise<CloseSessionResponse> {
    await this.#operate(sessionOf(request.sessionId), close({ sequence: 0 }), context);
    return create(CloseSessionResponseSchema);
  }

  async acquire(request: AcquireRequest, context: CallContext): Promise<AcquireResponse> {
    const operation = acquireOf(request.sequence, request.acquire);
    const result = await this.#operate(sessionOf(request.sessionId), operation, context);
    return create(AcquireResponseSchema, { grant: grantOf(operation, result) });
  }

  async tryAcquire(request: TryAcquireRequest, context: CallContext): Promise<TryAcquireResponse> {
    const operation = acquireOf(request.sequence, request.acquire, 0);
    try {
      const result = await this.#operate(sessionOf(request.sessionId), operation, context);
      const grant = grantOf(operation, result);
      return create(TryAcquireResponseSchema, { acquired: true, grant });
    } catch (error) {
      if (!(error instanceof LockFailure) || error.code !== LockCode.Held) throw error;
      return create(TryAcquireResponseSchema, { acquired: false });
    }
  }

  async release(request: ReleaseRequest, context: CallContext): Promise<ReleaseResponse> {
    const operation = releaseOf(request.sequence, request.release);
    const { holdCount } = await this.#operate(sessionOf(request.sessionId), operation, context);
    return create(ReleaseResponseSchema, { holdCount });
  }

  async validate(request: ValidateRequest, context: CallContext): Promise<ValidateResponse> {
    const { key } = request;
    this.#checkRead(key, request.scope);
    const token = integer('token', request.token);
    const answer = await this.#calls.ask({ kind: 'validate', key, token }, context);
    if (answer.kind !== 'validity') throw unexpected(answer);
    const lastExclusiveToken = BigInt(answer.lastExclusiveToken);
    return create(ValidateResponseSchema, { valid: answer.valid, lastExclusiveToken });
  }

  async get(request: GetRequest, context: CallContext): Promise<GetResponse> {
    const { key } = request;
    this.#checkRead(key, request.scope);
    const answer = await this.#calls.ask({ kind: 'get', key }, context);
    if (answer.kind !== 'lock') throw unexpected(answer);
    return create(GetResponseSchema, {
      lock: lockOf(key, answer.lock),
      index: BigInt(answer.index),
    });
  }

  /** @param actor who asks, for the audit log; access.ts has let them */
  async forceRelease(
    request: ForceReleaseRequest,
    context: CallContext,
    actor: string,
  ): Promise<ForceReleaseResponse> {
    const { key, reason } = request;
    this.#checkRead(key, request.scope);
    if (reason.length === 0 || reason.length > reasonLengthMax) {
      const message = `reason: must have 1 to ${reasonLengthMax} characters`;
      throw new LockFailure(LockCode.Invalid, message);
    }
    const token = integer('token', request.token);
    const answer = await this.#calls.ask(
      { kind: 'force-release', key, token, actor, reason },
      context,
    );
    if (answer.kind !== 'force-released') throw unexpected(answer);
    const { released } = answer;
    if (released === 0) throw new LockFailure(LockCode.NotFound, 'nobody holds it');
    return create(ForceReleaseResponseSchema, { released });
  }

  async campaign(request: CampaignRequest, context: CallContext): Promise<CampaignResponse> {
    const { election, scope, sequence, value, waitMs } = request;
    const operation = acquireOf(sequence, {
      $typeName: 'windlass.lock.v1.Acquire',
      key: election,
      mode: 0,
      permits: 0,
      limit: 0,
      waitMs,
      metadata: value,
      scope,
    });
    const result = await this.#operate(sessionOf(request.sessionId), operation, context);
    return create(CampaignResponseSchema, { term: BigInt(result.token) });
  }

  async proclaim(request: ProclaimRequest, context: CallContext): Promise<ProclaimResponse> {
    const { election, sequence, term, value } = request;
    const operation = metadataOf(sequence, election, term, value);
    await this.#operate(sessionOf(request.sessionId), operation, context);
    return create(ProclaimResponseSchema);
  }

  async resign(request: ResignRequest, context: CallContext): Promise<ResignResponse> {
    const { election, sequence, term } = request;
    const operation = releaseOf(sequence, {
      $typeName: 'windlass.lock.v1.Release',
      key: election,
      token: term,
      scope: 0,
    });
    await this.#operate(sessionOf(request.sessionId), operation, context);
    return create(ResignResponseSchema);
  }

  async #operate(
    sessionId: number,
    operation: Operation,
    context: CallContext,
  ): Promise<OperationResult> {
    const problem = this.#checks.operation(operation);
    if (problem !== null) throw new LockFailure(problem.code, problem.message);
    const request = { kind: 'operation', sessionId, operation } as const;
    return resultOf(await this.#calls.ask(request, context));
  }

  #checkRead(key: string, scope: number): void {
    const operation = {
      kind: OperationKind.Release,
      sequence: 0,
      key,
      mode: 1,
      permits: 0,
      limit: 0,
      waitMs: 0,
      token: 0,
      metadata: noBytes,
      scope: scopeOf(scope),
    } as const;
    const problem = this.#checks.operation(operation);
    if (problem !== null) throw new LockFailure(problem.code, problem.message);
  }
}

const noBytes = new Uint8Array(0);

function sessionOf(sessionId: bigint): number {
  if (sessionId === 0n) throw new LockFailure(LockCode.Invalid, 'session_id: is missing');
  return integer('session_id', sessionId);
}
