/** What an operator allows: Pod Security Standards, images, namespaces. Pure. Start at policy.ts. */
export { checkPolicy } from './check-policy.ts';
export { imagePatternProblem } from './image-pattern.ts';
export { PodSecurityLevel, type SafetyPolicy, type Violation } from './policy.ts';
