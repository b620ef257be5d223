/** Our objects as those of the generated code (protobuf-es), field by field. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CommandBatchSchema, CommandSchema } from '@windlass/proto/lock/internal/v1/log';
import type {
  OperationSchema,
  SessionRequestSchema,
  SessionResponseSchema,
} from '@windlass/proto/lock/v1';
import {
  type Command,
  type Operation,
  OperationKind,
  type SessionRequestFrame,
  type SessionResponseFrame,
} from '../types.ts';

type KindOf<Schema extends typeof OperationSchema | typeof CommandSchema> = NonNullable<
  MessageInitShape<Schema>['kind']
>;

export function generatedRequest(
  frame: SessionRequestFrame,
): MessageInitShape<typeof SessionRequestSchema> {
  const { hello } = frame;
  return {
    ...(hello === null
      ? {}
      : {
          hello: {
            sessionId: BigInt(hello.sessionId),
            ttlMs: hello.ttlMs,
            clientName: hello.clientName,
          },
        }),
    operations: frame.operations.map(generatedOperation),
    acknowledgedSequence: BigInt(frame.acknowledgedSequence),
    frame: BigInt(frame.frame),
  };
}

export function generatedOperation(operation: Operation): MessageInitShape<typeof OperationSchema> {
  return { sequence: BigInt(operation.sequence), kind: generatedKind(operation) };
}

function generatedKind(operation: Operation): KindOf<typeof OperationSchema> {
  const { key, mode, permits, limit, waitMs, metadata, scope } = operation;
  const token = BigInt(operation.token);
  switch (operation.kind) {
    case OperationKind.Acquire:
      return {
        case: 'acquire',
        value: { key, mode, permits, limit, waitMs, metadata, scope },
      } as const;
    case OperationKind.Release:
      return { case: 'release', value: { key, token, scope } } as const;
    case OperationKind.Cancel:
      return { case: 'cancel', value: { acquireSequence: token } } as const;
    case OperationKind.SetMetadata:
      return { case: 'setMetadata', value: { key, token, metadata } } as const;
    case OperationKind.Close:
      return { case: 'close', value: {} } as const;
    default:
      return operation.kind satisfies never;
  }
}

export function generatedResponse(
  frame: SessionResponseFrame,
): MessageInitShape<typeof SessionResponseSchema> {
  const { welcome, redirect } = frame;
  return {
    ...(welcome === null
      ? {}
      : {
          welcome: {
            ...welcome,
            sessionId: BigInt(welcome.sessionId),
            lastSequence: BigInt(welcome.lastSequence),
          },
        }),
    results: frame.results.map((result) => ({
      ...result,
      sequence: BigInt(result.sequence),
      token: BigInt(result.token),
      lastExclusiveToken: BigInt(result.lastExclusiveToken),
    })),
    renewedFrame: BigInt(frame.renewedFrame),
    revocations: frame.revocations.map((revocation) => ({
      ...revocation,
      token: BigInt(revocation.token),
    })),
    ...(redirect === null ? {} : { redirect: { leaderAddress: redirect } }),
  };
}

export function generatedBatch(
  commands: readonly Command[],
): MessageInitShape<typeof CommandBatchSchema> {
  return { commands: commands.map(generatedCommand) };
}

function generatedCommand(command: Command): MessageInitShape<typeof CommandSchema> {
  return {
    sessionId: 'sessionId' in command ? BigInt(command.sessionId) : 0n,
    acknowledgedSequence: command.kind === 'operation' ? BigInt(command.acknowledgedSequence) : 0n,
    kind: generatedCommandKind(command),
  };
}

function generatedCommandKind(command: Command): KindOf<typeof CommandSchema> {
  switch (command.kind) {
    case 'operation':
      return { case: 'operation', value: generatedOperation(command.operation) } as const;
    case 'open-session': {
      const { ttlMs, clientName } = command;
      return { case: 'openSession', value: { ttlMs, clientName } } as const;
    }
    case 'expire-session': {
      const [lastIndex, term] = [BigInt(command.lastIndex), BigInt(command.term)];
      return { case: 'expireSession', value: { lastIndex, term } } as const;
    }
    case 'session-silent': {
      const { remainingMs } = command;
      const [lastIndex, term] = [BigInt(command.lastIndex), BigInt(command.term)];
      return { case: 'sessionSilent', value: { remainingMs, lastIndex, term } } as const;
    }
    case 'session-heard':
      return { case: 'sessionHeard', value: {} } as const;
    case 'end-wait': {
      const { sequence, code } = command;
      return { case: 'endWait', value: { sequence: BigInt(sequence), code } } as const;
    }
    case 'force-release': {
      const { key, token, actor, reason } = command;
      const value = { key, token: BigInt(token), actor, reason };
      return { case: 'forceRelease', value } as const;
    }
    case 'raise-tokens':
      return { case: 'raiseTokens', value: { floor: BigInt(command.floor) } } as const;
    case 'set-version':
      return { case: 'setVersion', value: { version: command.version } } as const;
    case 'set-limits':
      return { case: 'setLimits', value: { ...command.limits } } as const;
    default:
      return command satisfies never;
  }
}
