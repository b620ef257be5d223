/** The Service in front of a deployment's pods, where the user wants one. */
import type { ServiceManifest } from './manifest-types.ts';
import { ownAnnotations, ownLabels, selectorLabels } from './names.ts';
import type { DeploymentIdentity, DeploymentSpec } from './types.ts';

/** Null where the spec asks for no Service: one that Windlass made before is then to be deleted. */
export function toService(
  spec: DeploymentSpec,
  identity: DeploymentIdentity,
): ServiceManifest | null {
  if (spec.service === undefined) return null;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: identity.identifier,
      namespace: identity.namespace,
      labels: { ...spec.labels, ...ownLabels(identity) },
      annotations: ownAnnotations(identity),
    },
    spec: {
      type: spec.service.type ?? 'ClusterIP',
      selector: selectorLabels(identity),
      ports: spec.service.ports.map((port) => ({
        ...port,
        // Part of the key by which server-side apply merges ports, so it is always named.
        protocol: port.protocol ?? 'TCP',
      })),
    },
  };
}
