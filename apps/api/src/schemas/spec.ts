/**
 * The shape of a deployment's spec, as JSON Schema. What a schema can't say (what must be unique,
 * what excludes what) is checked by @windlass/deployment-spec afterwards.
 */

import type { DeploymentSpec } from '@windlass/deployment-spec';
import { type TSchema, Type } from 'typebox';
import { integer, label, oneOf, subdomain, text } from './primitives.ts';

/** Bounds of the lists: what one container can sensibly have, and a request stays small. */
const portsMax = 64;
const environmentMax = 256;
const volumesMax = 32;
const argumentsMax = 128;
const membersMax = 64;
const capabilitiesMax = 64;
const pullSecretsMax = 16;
/** Bytes of one variable, argument or annotation: what fits a process' environment many times. */
const valueLengthMax = 32_768;
const pathLengthMax = 1_024;
const secondsMax = 86_400;
/** Kubernetes' own bound. */
const idMax = 2_147_483_647;

/** [domain[:port]/]path[:tag][@digest], as registries know it. */
const imagePattern =
  '^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?' +
  '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*' +
  '(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,})?$';

const closed = { additionalProperties: false } as const;

export const imageSchema = Type.String({
  description: 'Image reference, such as `nginx:1.27` or `ghcr.io/acme/web@sha256:…`.',
  minLength: 1,
  maxLength: 512,
  pattern: imagePattern,
});

export const replicasSchema = integer('How many pods are wanted.', 0, 1_000);

const protocol = oneOf('Transport protocol; TCP by default.', ['TCP', 'UDP', 'SCTP']);
const portNumber = integer('Port number.', 1, 65_535);
const portName = Type.String({
  description: 'Port name, unique within its list.',
  minLength: 1,
  maxLength: 15,
  pattern: '^[a-z0-9-]+$',
});

function portNumberOrName(description: string) {
  return Type.Unsafe<number | string>({
    type: ['integer', 'string'],
    minimum: 1,
    maximum: 65_535,
    minLength: 1,
    maxLength: 15,
    pattern: '^[a-z0-9-]+$',
    description,
  });
}

function numberOrPercentage(description: string) {
  return Type.Unsafe<number | string>({
    type: ['integer', 'string'],
    minimum: 0,
    maximum: 1_000,
    maxLength: 8,
    pattern: '^[0-9]{1,4}%$',
    description,
  });
}

const configurationKey = Type.String({
  description: 'Key within the object.',
  minLength: 1,
  maxLength: 253,
  pattern: '^[-._a-zA-Z0-9]+$',
});

const keyReference = (kind: string) =>
  Type.Object(
    {
      name: subdomain(`Name of the ${kind}.`),
      key: configurationKey,
      optional: Type.Optional(
        Type.Boolean({ description: 'Start the pod even where it is absent.' }),
      ),
    },
    { ...closed, description: `The value is a key of a ${kind}.` },
  );

const environmentVariable = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 253, pattern: '^[-._A-Za-z0-9]+$' }),
    value: Type.Optional(text('Literal value.', valueLengthMax)),
    secretKeyRef: Type.Optional(keyReference('Secret')),
    configMapKeyRef: Type.Optional(keyReference('ConfigMap')),
  },
  { ...closed, description: 'Exactly one of value, secretKeyRef and configMapKeyRef.' },
);

const quantities = (description: string) =>
  Type.Unsafe<Record<string, string>>({
    type: 'object',
    description,
    maxProperties: 16,
    additionalProperties: {
      type: 'string',
      minLength: 1,
      maxLength: 64,
      pattern: '^[-+.0-9A-Za-z]+$',
    },
  });

const probe = (description: string) =>
  Type.Object(
    {
      httpGet: Type.Optional(
        Type.Object(
          {
            path: Type.Optional(text('Path; / by default.', pathLengthMax)),
            port: portNumberOrName('Port, by number or name.'),
            scheme: Type.Optional(oneOf('HTTP by default.', ['HTTP', 'HTTPS'])),
          },
          closed,
        ),
      ),
      tcpSocket: Type.Optional(
        Type.Object({ port: portNumberOrName('Port, by number or name.') }, closed),
      ),
      grpc: Type.Optional(
        Type.Object(
          { port: portNumber, service: Type.Optional(text('Service to ask for.', 253)) },
          closed,
        ),
      ),
      exec: Type.Optional(Type.Object({ command: commandLine('Command to run.', 1) }, closed)),
      initialDelaySeconds: Type.Optional(integer('Seconds before the first try.', 0, secondsMax)),
      periodSeconds: Type.Optional(integer('Seconds between tries.', 1, secondsMax)),
      timeoutSeconds: Type.Optional(integer('Seconds a try may take.', 1, secondsMax)),
      successThreshold: Type.Optional(integer('Successes in a row that count.', 1, 1_000)),
      failureThreshold: Type.Optional(integer('Failures in a row that count.', 1, 1_000)),
    },
    { ...closed, description: `${description} Exactly one of httpGet, tcpSocket, grpc and exec.` },
  );

function commandLine(description: string, minItems = 0) {
  return Type.Array(text('One word.', valueLengthMax), {
    description,
    minItems,
    maxItems: argumentsMax,
  });
}

const volume = Type.Object(
  {
    name: label('Name of the volume, unique within the spec.'),
    mountPath: text('Absolute path in the container.', pathLengthMax, 1),
    subPath: Type.Optional(text('Path within the volume.', pathLengthMax, 1)),
    readOnly: Type.Optional(Type.Boolean()),
    configMap: Type.Optional(
      Type.Object(
        { name: subdomain('Name of the ConfigMap.'), optional: Type.Optional(Type.Boolean()) },
        closed,
      ),
    ),
    secret: Type.Optional(
      Type.Object(
        { secretName: subdomain('Name of the Secret.'), optional: Type.Optional(Type.Boolean()) },
        closed,
      ),
    ),
    emptyDir: Type.Optional(
      Type.Object(
        {
          medium: Type.Optional(oneOf('Memory: a tmpfs.', ['Memory'])),
          sizeLimit: Type.Optional(
            Type.String({ minLength: 1, maxLength: 64, pattern: '^[-+.0-9A-Za-z]+$' }),
          ),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'Exactly one of configMap, secret and emptyDir.' },
);

const capabilities = Type.Array(
  Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Z0-9_]+$' }),
  {
    maxItems: capabilitiesMax,
  },
);

const securityContext = Type.Object(
  {
    privileged: Type.Optional(Type.Boolean()),
    allowPrivilegeEscalation: Type.Optional(Type.Boolean()),
    runAsNonRoot: Type.Optional(Type.Boolean()),
    runAsUser: Type.Optional(integer('User id.', 0, idMax)),
    runAsGroup: Type.Optional(integer('Group id.', 0, idMax)),
    fsGroup: Type.Optional(integer('Group id of volumes.', 0, idMax)),
    readOnlyRootFilesystem: Type.Optional(Type.Boolean()),
    capabilities: Type.Optional(
      Type.Object({ add: Type.Optional(capabilities), drop: Type.Optional(capabilities) }, closed),
    ),
    seccompProfile: Type.Optional(
      Type.Object(
        {
          type: oneOf('Kind of profile.', ['RuntimeDefault', 'Unconfined', 'Localhost']),
          localhostProfile: Type.Optional(
            text('Path of the profile on the node.', pathLengthMax, 1),
          ),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'Held to the configured Pod Security Standard.' },
);

const strategy = Type.Object(
  {
    type: oneOf('How pods are replaced.', ['RollingUpdate', 'Recreate']),
    maxSurge: Type.Optional(numberOrPercentage('Pods above the wanted number (RollingUpdate).')),
    maxUnavailable: Type.Optional(
      numberOrPercentage('Pods below the wanted number (RollingUpdate).'),
    ),
  },
  closed,
);

const service = Type.Object(
  {
    type: Type.Optional(oneOf('ClusterIP by default.', ['ClusterIP', 'NodePort', 'LoadBalancer'])),
    ports: Type.Array(
      Type.Object(
        {
          name: Type.Optional(label('Port name; needed where there are several.')),
          port: portNumber,
          targetPort: Type.Optional(portNumberOrName("The container's port; the same by default.")),
          protocol: Type.Optional(protocol),
        },
        closed,
      ),
      { minItems: 1, maxItems: portsMax },
    ),
  },
  { ...closed, description: 'A Service of the same name in front of the pods.' },
);

function textMap(description: string, maxLength: number) {
  return Type.Unsafe<Record<string, string>>({
    type: 'object',
    description,
    maxProperties: membersMax,
    additionalProperties: text('Value.', maxLength),
  });
}

/** What users may write, except the image and the replicas, which the bodies name themselves. */
export const specProperties = {
  ports: Type.Optional(
    Type.Array(
      Type.Object(
        {
          name: Type.Optional(portName),
          containerPort: portNumber,
          protocol: Type.Optional(protocol),
          hostPort: Type.Optional(portNumber),
        },
        closed,
      ),
      { maxItems: portsMax, description: 'Ports that the container listens on.' },
    ),
  ),
  env: Type.Optional(
    Type.Array(environmentVariable, {
      maxItems: environmentMax,
      description: 'Environment variables.',
    }),
  ),
  resources: Type.Optional(
    Type.Object(
      {
        requests: Type.Optional(quantities('What is set aside, such as {"cpu": "100m"}.')),
        limits: Type.Optional(quantities('What may be used at most.')),
      },
      closed,
    ),
  ),
  livenessProbe: Type.Optional(probe('Restarts the container when it fails.')),
  readinessProbe: Type.Optional(probe('Takes the pod out of service while it fails.')),
  startupProbe: Type.Optional(probe('Holds the other probes back until it succeeds.')),
  command: Type.Optional(commandLine("Instead of the image's entry point.")),
  args: Type.Optional(commandLine("Instead of the image's arguments.")),
  labels: Type.Optional(textMap('Labels of the deployment and its pods.', 63)),
  annotations: Type.Optional(
    textMap('Annotations of the deployment and its pods.', valueLengthMax),
  ),
  volumes: Type.Optional(
    Type.Array(volume, { maxItems: volumesMax, description: 'Volumes and their mounts.' }),
  ),
  serviceAccountName: Type.Optional(subdomain('Service account that the pods run as.')),
  imagePullSecrets: Type.Optional(
    Type.Array(subdomain('Name of a Secret.'), {
      maxItems: pullSecretsMax,
      description: 'Secrets for pulling the image.',
    }),
  ),
  securityContext: Type.Optional(securityContext),
  strategy: Type.Optional(strategy),
  minReadySeconds: Type.Optional(
    integer('A pod counts as available after it was ready this long.', 0, secondsMax),
  ),
  progressDeadlineSeconds: Type.Optional(
    integer('A rollout without progress for this long is Degraded.', 1, secondsMax),
  ),
  revisionHistoryLimit: Type.Optional(integer('Old replica sets that are kept.', 0, 100)),
  terminationGracePeriodSeconds: Type.Optional(
    integer('Time that a pod has to end.', 0, secondsMax),
  ),
  service: Type.Optional(service),
};

/** Everything that users may write: the compiler misses nothing that the type has. */
const writableProperties = {
  image: imageSchema,
  replicas: replicasSchema,
  ...specProperties,
} satisfies Record<Exclude<keyof DeploymentSpec, 'paused' | 'restartedAt'>, TSchema>;

/** Set by operations only. */
const operatedProperties = {
  paused: Type.Optional(Type.Boolean({ description: 'The rollout is held.' })),
  restartedAt: Type.Optional(Type.String({ description: 'When a restart was last asked for.' })),
};

/** A spec as it is answered. */
export const deploymentSpecSchema = Type.Unsafe<DeploymentSpec>(
  Type.Object(
    { ...writableProperties, ...operatedProperties },
    { $id: 'DeploymentSpec', description: 'What is asked for.' },
  ),
);

/** What a PATCH must leave behind. */
export const mergedSpecSchema = Type.Object(
  { ...writableProperties, ...operatedProperties },
  closed,
);

type Members = Readonly<Record<string, JsonSchema>>;
type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Members;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
};

/**
 * The members of a JSON merge patch (RFC 7396) on a spec: any of them may be left out or be null,
 * down to the leaves; lists are replaced as a whole.
 */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeBox's schemas are JSON Schema
export const specPatchProperties = mapMembers(writableProperties as unknown as Members);

function mapMembers(properties: Members): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, nullable(schema)]),
  );
}

function nullable(schema: JsonSchema): JsonSchema {
  const { required: _required, ...rest } = schema;
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  return {
    ...rest,
    type: [...types, 'null'],
    ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
    ...(schema.properties === undefined ? {} : { properties: mapMembers(schema.properties) }),
    ...(typeof schema.additionalProperties === 'object'
      ? { additionalProperties: nullable(schema.additionalProperties) }
      : {}),
  };
}
