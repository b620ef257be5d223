import { createHash } from 'node:crypto';
import { type Directive, runScripts } from '@windlass/testkit';
import { checkIdentifier, checkSpec } from './check-spec.ts';
import { toDeployment } from './deployment-manifest.ts';
import { diffManifests } from './diff-manifests.ts';
import { userLabelValue } from './names.ts';
import { toService } from './service-manifest.ts';
import type { DeploymentSpec } from './types.ts';

const smallest: DeploymentSpec = { image: 'nginx:1.27', replicas: 1 };

await runScripts(new URL('./testdata/', import.meta.url), () => run);

/** Specs are the input, as JSON, on top of the smallest one. */
function run(directive: Directive): string {
  switch (directive.name) {
    case 'deployment': {
      const options = directive.positional.includes('omit-replicas') ? { omitReplicas: true } : {};
      return printLeaves(toDeployment(readSpec(directive), readIdentity(directive), options));
    }
    case 'service':
      return printLeaves(toService(readSpec(directive), readIdentity(directive)));
    case 'check': {
      const spec = readSpec(directive);
      const problems = [
        ...checkIdentifier(argument(directive, 'name', 'web'), spec),
        ...checkSpec(spec),
      ];
      return problems
        .map(
          ({ field, message, limit }) =>
            `${field} ${message}${limit === undefined ? '' : ` [limit ${limit}]`}`,
        )
        .join('\n');
    }
    case 'diff': {
      const [before = 'null', after = 'null'] = directive.input.split('\n=>\n');
      return diffManifests(JSON.parse(before), JSON.parse(after))
        .map((one) => `${one.path}: ${JSON.stringify(one.before)} => ${JSON.stringify(one.after)}`)
        .join('\n');
    }
    default:
      throw new Error(`${directive.location}: no directive ${directive.name}`);
  }
}

function readSpec(directive: Directive): DeploymentSpec {
  return { ...smallest, ...JSON.parse(directive.input === '' ? '{}' : directive.input) };
}

function readIdentity(directive: Directive) {
  return {
    identifier: argument(directive, 'name', 'web'),
    namespace: argument(directive, 'namespace', 'default'),
    userId: argument(directive, 'user', 'ada'),
    userLabel: userLabelValue(argument(directive, 'user', 'ada'), (text) =>
      createHash('sha256').update(text).digest('hex'),
    ),
    requestId: 'r-1',
    revision: Number(argument(directive, 'revision', '1')),
  };
}

function argument(directive: Directive, name: string, otherwise: string): string {
  return directive.named.get(name)?.[0] ?? otherwise;
}

/** One line per leaf, in the object's own order. */
function printLeaves(value: unknown, path = ''): string {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    return `${path}: ${JSON.stringify(value)}`.replace(/^: /, '');
  }
  const separator = path === '' ? '' : '.';
  return Object.entries(value)
    .map(([key, member]) =>
      printLeaves(member, Array.isArray(value) ? `${path}[${key}]` : `${path}${separator}${key}`),
    )
    .join('\n');
}
