/** A generated service (protobuf-es) as grpc-js wants it. */
import {
  create,
  type DescMethod,
  type DescService,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import type { ServiceDefinition } from '@grpc/grpc-js';

export type DefinitionOptions = {
  /**
   * Methods (by their local names) whose messages stay bytes, both ways: those with a codec of
   * their own. What can't be read there is the handler's to refuse.
   */
  readonly raw?: readonly string[];
};

/** In place of a message that can't be read: the server refuses the call, see observe.ts. */
export class MalformedMessage {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Path of a method on the wire: /package.Service/Method. */
export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

export function serviceDefinition(
  service: DescService,
  options: DefinitionOptions = {},
): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.localName,
      methodDefinition(method, options.raw?.includes(method.localName) ?? false),
    ]),
  );
}

function methodDefinition(method: DescMethod, isRaw: boolean): ServiceDefinition[string] {
  const { input, output, methodKind } = method;
  return {
    path: pathOf(method),
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    requestSerialize: isRaw ? asBuffer : (value) => asBuffer(toBinary(input, create(input, value))),
    requestDeserialize: isRaw ? asIs : (bytes) => readable(() => fromBinary(input, bytes)),
    responseSerialize: isRaw
      ? asBuffer
      : (value) => asBuffer(toBinary(output, create(output, value))),
    responseDeserialize: isRaw ? asIs : (bytes) => fromBinary(output, bytes),
  };
}

function readable(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    // grpc-js would answer INTERNAL, as if it were our fault.
    return new MalformedMessage(error instanceof Error ? error.message : String(error));
  }
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** No copy: grpc-js asks for a Buffer, which is a view of the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
