/** Calls of any method with any bytes, without the types that would keep absurd ones from being sent. */
import type { DescMethod } from '@bufbuild/protobuf';
import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { asBuffer, pathOf } from '@windlass/grpc';

const deadlineMs = 1_500;

/** An answer that goes on for ever has been seen enough by then. */
const streamMs = 150;

const same = (bytes: Buffer): Buffer => bytes;

/** The status that the call ended with; OK also where a stream had to be ended from here. */
export function callWith(
  channel: Client,
  method: DescMethod,
  messages: readonly Uint8Array[],
): Promise<status> {
  const path = pathOf(method);
  const options = { deadline: Date.now() + deadlineMs };
  const metadata = new Metadata();
  const [first = new Uint8Array(0)] = messages;
  return new Promise((resolve) => {
    const ended = (error: ServiceError | null) => resolve(error?.code ?? status.OK);
    switch (method.methodKind) {
      case 'unary':
        channel.makeUnaryRequest(path, asBuffer, same, first, metadata, options, ended);
        return;
      case 'client_streaming': {
        const call = channel.makeClientStreamRequest(
          path,
          asBuffer,
          same,
          metadata,
          options,
          ended,
        );
        call.on('error', () => undefined);
        for (const message of messages) call.write(message);
        call.end();
        return;
      }
      case 'server_streaming':
        seeEnd(
          channel.makeServerStreamRequest(path, asBuffer, same, first, metadata, options),
          resolve,
        );
        return;
      case 'bidi_streaming': {
        const call = channel.makeBidiStreamRequest(path, asBuffer, same, metadata, options);
        seeEnd(call, resolve);
        for (const message of messages) call.write(message);
        return;
      }
    }
  });
}

type Answers = ReturnType<Client['makeServerStreamRequest']>;

function seeEnd(call: Pick<Answers, 'cancel' | 'on'>, resolve: (code: status) => void): void {
  const timer = setTimeout(() => {
    resolve(status.OK);
    call.cancel();
  }, streamMs);
  call.on('data', () => undefined);
  call.on('error', () => undefined);
  call.on('status', ({ code }: { readonly code: status }) => {
    clearTimeout(timer);
    resolve(code);
  });
}
