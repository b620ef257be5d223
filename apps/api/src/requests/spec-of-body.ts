/** A spec out of what a caller sent. */
import type { DeploymentSpec } from '@windlass/deployment-spec';
import type { CreateBody } from '../schemas/request.ts';

const replicasDefault = 1;

export function specOfBody(body: CreateBody): DeploymentSpec {
  const { identifier: _identifier, namespace: _namespace, ...spec } = body;
  return { ...spec, replicas: spec.replicas ?? replicasDefault };
}
