/**
 * grpc.reflection.v1, and v1alpha for older tools: what grpcurl needs to list, describe and call.
 * Written here because @grpc/reflection loads its .proto by path, which a bundle doesn't have.
 */
import {
  type DescFile,
  type DescService,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { status as codes, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
  type ServerReflectionResponseSchema,
} from '@windlass/proto/grpc/reflection/v1';
import { type ServedService, serve } from './handlers.ts';

type Request = MessageShape<typeof ServerReflectionRequestSchema>;
type Response = MessageInitShape<typeof ServerReflectionResponseSchema>;
type Answer = NonNullable<Response['messageResponse']>;

const alphaPackage = 'grpc.reflection.v1alpha';

/** Answers of one reflection are bounded by the files of the services; they are made once. */
export function reflectionServices(services: readonly DescService[]): readonly ServedService[] {
  const all = [...services, ServerReflection];
  const names = all.map(({ typeName }) => typeName).toSorted();
  const files = filesOf(all.map(({ file }) => file));
  const symbols = symbolsOf([...files.values()]);
  const encoded = new Map<DescFile, readonly Uint8Array[]>();

  const fileAnswer = (file: DescFile | undefined, what: string): Answer => {
    if (file === undefined) return notFound(what);
    const fileDescriptorProto = encoded.get(file) ?? encodeAll(file);
    encoded.set(file, fileDescriptorProto);
    return {
      case: 'fileDescriptorResponse',
      value: { fileDescriptorProto: [...fileDescriptorProto] },
    };
  };
  const answerTo = ({ messageRequest: asked }: Request): Answer => {
    switch (asked.case) {
      case 'listServices':
        return {
          case: 'listServicesResponse',
          value: { service: names.map((name) => ({ name })) },
        };
      case 'fileByFilename':
        return fileAnswer(files.get(asked.value), asked.value);
      case 'fileContainingSymbol':
        return fileAnswer(symbols.get(asked.value), asked.value);
      case 'allExtensionNumbersOfType':
        return symbols.has(asked.value)
          ? { case: 'allExtensionNumbersResponse', value: { baseTypeName: asked.value } }
          : notFound(asked.value);
      case 'fileContainingExtension':
        return notFound(asked.value.containingType);
      case undefined:
        return errorAnswer(codes.INVALID_ARGUMENT, 'nothing that is known was asked for');
      default:
        return asked satisfies never;
    }
  };
  const answerAll = (stream: ServerDuplexStream<Request, Response>) => {
    stream.on('data', (request: Request) => {
      const isReady = stream.write({
        validHost: request.host,
        originalRequest: request,
        messageResponse: answerTo(request),
      });
      if (isReady) return;
      stream.pause();
      stream.once('drain', () => stream.resume());
    });
    stream.on('end', () => stream.end());
  };
  const served = serve(ServerReflection, { serverReflectionInfo: answerAll });
  return [served, asAlpha(served)];
}

/** The same messages and handlers at the path of the older package. */
function asAlpha(served: ServedService): ServedService {
  const definition = Object.fromEntries(
    Object.entries(served.definition).map(([name, method]) => {
      const path = method.path.replace('grpc.reflection.v1', alphaPackage);
      return [name, { ...method, path }];
    }),
  );
  return { ...served, definition };
}

/** By name, with everything that they import. */
function filesOf(roots: readonly DescFile[]): ReadonlyMap<string, DescFile> {
  const files = new Map<string, DescFile>();
  const pending = [...roots];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file.proto.name)) continue;
    files.set(file.proto.name, file);
    pending.push(...file.dependencies);
  }
  return files;
}

/** By full name: services, methods, messages, their fields, enumerations and their values. */
function symbolsOf(files: readonly DescFile[]): ReadonlyMap<string, DescFile> {
  const symbols = new Map<string, DescFile>();
  for (const file of files) {
    for (const type of nestedTypes(file)) {
      symbols.set(type.typeName, file);
      const members =
        type.kind === 'message'
          ? type.fields
          : type.kind === 'service'
            ? type.methods
            : type.kind === 'enum'
              ? type.values
              : [];
      for (const { name } of members) symbols.set(`${type.typeName}.${name}`, file);
    }
  }
  return symbols;
}

function encodeAll(root: DescFile): readonly Uint8Array[] {
  const others = [...filesOf([root]).values()].filter((file) => file !== root);
  return [root, ...others].map((file) => toBinary(FileDescriptorProtoSchema, file.proto));
}

function notFound(what: string): Answer {
  return errorAnswer(codes.NOT_FOUND, `${what} is not known here`);
}

function errorAnswer(errorCode: number, errorMessage: string): Answer {
  return { case: 'errorResponse', value: { errorCode, errorMessage } };
}
