/** What an operator allows. */

/** The levels of Kubernetes' Pod Security Standards, from open to strict. */
export const PodSecurityLevel = {
  Privileged: 'privileged',
  Baseline: 'baseline',
  Restricted: 'restricted',
} as const;
export type PodSecurityLevel = (typeof PodSecurityLevel)[keyof typeof PodSecurityLevel];

export type SafetyPolicy = {
  readonly podSecurity: PodSecurityLevel;
  /** Patterns of images (see image-pattern.ts); empty: every image. */
  readonly imagesAllowed: readonly string[];
  /** Refuses images without a tag or digest, and the tag `latest`: what they mean changes. */
  readonly imageVersionRequired: boolean;
  /**
   * Names of namespaces, `*` standing for any run of characters; empty: every namespace. The
   * reserved ones need their exact name here in any case.
   */
  readonly namespacesAllowed: readonly string[];
};

export type Violation = {
  /** The rule's name; for Pod Security Standards, the control's name in Kubernetes' documentation. */
  readonly rule: string;
  /** Path from the request's top, as the user wrote it: `securityContext.privileged`, `image`. */
  readonly field: string;
  /** Continues the sentence that the field begins: `must not be true`. */
  readonly message: string;
};
