/** Under which name Kubernetes keeps what we own (metadata.managedFields). Never changes. */
export const fieldManager = 'windlass';
