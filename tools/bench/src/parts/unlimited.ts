/** Limits of the API that are no part of what is measured, switched off. */
export const unlimited = {
  QUOTA_DEPLOYMENTS_MAX: '0',
  QUOTA_REPLICAS_MAX: '0',
  RATE_LIMIT_MAX: '0',
} as const;
