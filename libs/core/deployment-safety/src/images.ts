/** Which images may run. */
import type { DeploymentSpec } from '@windlass/deployment-spec';
import { matchesImage } from './image-pattern.ts';
import { parseImageReference } from './image-reference.ts';
import type { SafetyPolicy, Violation } from './policy.ts';

const field = 'image';

/** A reference that can't be read is refused under every policy: nobody could say what would run. */
export function imageViolations(
  spec: DeploymentSpec,
  policy: Pick<SafetyPolicy, 'imagesAllowed' | 'imageVersionRequired'>,
): readonly Violation[] {
  const image = parseImageReference(spec.image);
  if (image === null) {
    const message = 'must be a reference such as registry.example.com/team/app:1.2';
    return [{ rule: 'Image Reference', field, message }];
  }
  const violations: Violation[] = [];
  const { imagesAllowed } = policy;
  if (imagesAllowed.length > 0 && !imagesAllowed.some((entry) => matchesImage(entry, image))) {
    const name = `${image.registry}/${image.repository}`;
    const message = `must be one of the allowed images; ${name} is none of them`;
    violations.push({ rule: 'Image Allow-List', field, message });
  }
  const tag = image.tag ?? 'latest';
  if (policy.imageVersionRequired && image.digest === null && tag === 'latest') {
    const message = 'must have a digest or a tag other than latest';
    violations.push({ rule: 'Image Version', field, message });
  }
  return violations;
}
