/**
 * What a deployment shall be: the spec, the rules on it, the operations that change it, and the
 * Kubernetes objects that it becomes. Pure. Start at types.ts, then deployment-manifest.ts.
 */
export { checkIdentifier, checkSpec } from './check-spec.ts';
export { type DeploymentOptions, toDeployment } from './deployment-manifest.ts';
export { diffManifests, type ManifestDifference } from './diff-manifests.ts';
export type * from './manifest-types.ts';
export { mergeSpec } from './merge-spec.ts';
export {
  annotationNames,
  isManaged,
  labelNames,
  managerName,
  type Ownership,
  readOwnership,
  reservedIdentifiers,
  userLabelValue,
} from './names.ts';
export { type OperationCall, operationSpec } from './operation-spec.ts';
export { toService } from './service-manifest.ts';
export type { SpecProblem } from './spec-problem.ts';
export * from './types.ts';
