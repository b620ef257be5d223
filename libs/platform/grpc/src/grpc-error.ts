/**
 * Errors on their way through gRPC: code and message in the status, what programs act upon as
 * google.rpc.Status in the trailer grpc-status-details-bin. The codes are those of the one table
 * in @windlass/errors.
 */
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { type Any, anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { status as codes, Metadata } from '@grpc/grpc-js';
import { codeOf, grpcStatusOf, isPassing, WindlassError } from '@windlass/errors';
import { ErrorInfoSchema, StatusSchema } from '@windlass/proto/google/rpc';

const detailsKey = 'grpc-status-details-bin';
const domain = 'windlass.dev';

export type GrpcErrorOptions = { readonly details?: readonly Any[]; readonly cause?: unknown };

/** A status other than OK: what a call ended with, or what a handler wants it to end with. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  /** A number of grpc-js' `status`. */
  readonly code: number;
  readonly details: readonly Any[];

  constructor(code: number, message: string, options: GrpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }

  /** UNAVAILABLE, as grpc-js writes it. */
  get codeName(): string {
    return codes[this.code] ?? `CODE_${this.code}`;
  }

  /** The first detail of this type; null if there is none, or it can't be read. */
  detail<Schema extends DescMessage>(schema: Schema): MessageShape<Schema> | null {
    for (const detail of this.details) {
      try {
        const message = anyUnpack(detail, schema);
        if (message !== undefined) return message;
      } catch {
        // Of another version, or not of ours: the code says enough.
        continue;
      }
    }
    return null;
  }
}

export type GrpcStatus = {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
};

/**
 * The status to answer with. A GrpcError is sent as it is; a WindlassError by the table, with an
 * ErrorInfo; of anything else nothing is told but that it's our fault, or may pass.
 */
export function statusOf(error: unknown): GrpcStatus {
  const known = error instanceof GrpcError ? error : grpcErrorOf(error);
  const metadata = new Metadata();
  if (known.details.length > 0) metadata.set(detailsKey, detailsOf(known));
  return { code: known.code, details: known.message, metadata };
}

function grpcErrorOf(error: unknown): GrpcError {
  if (error instanceof WindlassError && error.code !== 'internal') {
    const info = create(ErrorInfoSchema, {
      reason: codeOf(error),
      domain,
      metadata: Object.fromEntries(error.fields.map(({ field, message }) => [field, message])),
    });
    return new GrpcError(grpcStatusOf(error), error.detail, {
      details: [anyPack(ErrorInfoSchema, info)],
      cause: error,
    });
  }
  if (isPassing(error)) {
    const message = 'Something that is needed can not be reached now.';
    return new GrpcError(codes.UNAVAILABLE, message, { cause: error });
  }
  return new GrpcError(codes.INTERNAL, 'Something went wrong on our side; it has been logged.', {
    cause: error,
  });
}

function detailsOf({ code, message, details }: GrpcError): Buffer {
  const status = create(StatusSchema, { code, message, details: [...details] });
  return Buffer.from(toBinary(StatusSchema, status));
}

/** A status that arrived. Details that can't be read are left out. */
export function errorOfStatus(
  status: { readonly code: number; readonly details: string; readonly metadata: Metadata },
  cause?: unknown,
): GrpcError {
  return new GrpcError(status.code, status.details, {
    details: detailsIn(status.metadata),
    ...(cause === undefined ? {} : { cause }),
  });
}

function detailsIn(metadata: Metadata): readonly Any[] {
  const [bytes] = metadata.get(detailsKey);
  if (!Buffer.isBuffer(bytes)) return [];
  try {
    return fromBinary(StatusSchema, bytes).details;
  } catch {
    // Any server may put anything there; the code and the message are enough to go on.
    return [];
  }
}

const faults: ReadonlySet<number> = new Set([codes.INTERNAL, codes.UNKNOWN, codes.DATA_LOSS]);

/** True where the error is a failure of ours, to be logged in full. */
export function isOurFault(status: { readonly code: number }): boolean {
  return faults.has(status.code);
}
