/**
 * Pod Security Standards (kubernetes.io/docs/concepts/security/pod-security-standards), as of v1.36.
 * A control is here when a spec can break it. Host namespaces, hostPath, host probes, HostProcess,
 * SELinux, /proc mounts, sysctls and volume types can't be written in a spec at all; AppArmor could
 * only be by an annotation under a reserved domain, which `checkSpec` refuses.
 */
import { unreachable } from '@windlass/base';
import type { DeploymentSpec } from '@windlass/deployment-spec';
import { PodSecurityLevel, type Violation } from './policy.ts';

/** What baseline lets a container add: the capabilities that runtimes give by default. */
const capabilitiesBaseline: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

type Control = (spec: DeploymentSpec) => readonly Violation[];

const baselineControls: readonly Control[] = [
  privilegedContainers,
  capabilitiesOfBaseline,
  hostPorts,
  seccompOfBaseline,
];
/** Includes baseline: the rules on capabilities and seccomp here are the stricter forms of those there. */
const restrictedControls: readonly Control[] = [
  privilegedContainers,
  hostPorts,
  privilegeEscalation,
  runningAsNonRoot,
  runningAsNonRootUser,
  seccompOfRestricted,
  capabilitiesOfRestricted,
];

/** Every control of the level that the spec breaks. */
export function podSecurityViolations(
  spec: DeploymentSpec,
  level: PodSecurityLevel,
): readonly Violation[] {
  return controlsOf(level).flatMap((control) => control(spec));
}

function controlsOf(level: PodSecurityLevel): readonly Control[] {
  switch (level) {
    case PodSecurityLevel.Privileged:
      return [];
    case PodSecurityLevel.Baseline:
      return baselineControls;
    case PodSecurityLevel.Restricted:
      return restrictedControls;
    default:
      return unreachable(level);
  }
}

function privilegedContainers(spec: DeploymentSpec): readonly Violation[] {
  if (spec.securityContext?.privileged !== true) return [];
  const rule = 'Privileged Containers';
  return [{ rule, field: 'securityContext.privileged', message: 'must not be true' }];
}

function capabilitiesOfBaseline(spec: DeploymentSpec): readonly Violation[] {
  const rule = 'Capabilities';
  return addedCapabilities(spec, rule, capabilitiesBaseline, 'is none of the default capabilities');
}

function hostPorts(spec: DeploymentSpec): readonly Violation[] {
  return (spec.ports ?? []).flatMap((port, index) => {
    if ((port.hostPort ?? 0) === 0) return [];
    const field = `ports[${index}].hostPort`;
    return [{ rule: 'Host Ports', field, message: 'must not be set' }];
  });
}

function seccompOfBaseline(spec: DeploymentSpec): readonly Violation[] {
  if (spec.securityContext?.seccompProfile?.type !== 'Unconfined') return [];
  const field = 'securityContext.seccompProfile.type';
  return [{ rule: 'Seccomp', field, message: 'must be RuntimeDefault or Localhost, or left out' }];
}

function privilegeEscalation(spec: DeploymentSpec): readonly Violation[] {
  if (spec.securityContext?.allowPrivilegeEscalation === false) return [];
  const field = 'securityContext.allowPrivilegeEscalation';
  return [{ rule: 'Privilege Escalation', field, message: 'must be false' }];
}

function runningAsNonRoot(spec: DeploymentSpec): readonly Violation[] {
  if (spec.securityContext?.runAsNonRoot === true) return [];
  const field = 'securityContext.runAsNonRoot';
  return [{ rule: 'Running as Non-root', field, message: 'must be true' }];
}

function runningAsNonRootUser(spec: DeploymentSpec): readonly Violation[] {
  if (spec.securityContext?.runAsUser !== 0) return [];
  const field = 'securityContext.runAsUser';
  return [{ rule: 'Running as Non-root user', field, message: 'must not be 0' }];
}

function seccompOfRestricted(spec: DeploymentSpec): readonly Violation[] {
  const type = spec.securityContext?.seccompProfile?.type;
  if (type === 'RuntimeDefault' || type === 'Localhost') return [];
  const field = 'securityContext.seccompProfile.type';
  return [{ rule: 'Seccomp', field, message: 'must be RuntimeDefault or Localhost' }];
}

function capabilitiesOfRestricted(spec: DeploymentSpec): readonly Violation[] {
  const rule = 'Capabilities';
  const allowed = new Set(['NET_BIND_SERVICE']);
  const added = addedCapabilities(spec, rule, allowed, 'may be NET_BIND_SERVICE only');
  if (spec.securityContext?.capabilities?.drop?.includes('ALL') === true) return added;
  const field = 'securityContext.capabilities.drop';
  return [{ rule, field, message: 'must include ALL' }, ...added];
}

function addedCapabilities(
  spec: DeploymentSpec,
  rule: string,
  allowed: ReadonlySet<string>,
  message: string,
): readonly Violation[] {
  return (spec.securityContext?.capabilities?.add ?? []).flatMap((name, index) => {
    if (allowed.has(name)) return [];
    return [{ rule, field: `securityContext.capabilities.add[${index}]`, message }];
  });
}
