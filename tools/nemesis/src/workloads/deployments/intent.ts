/** What a user may want of a deployment, as far as the nemesis asks for it. Pure. */
import { type Random, required } from '@windlass/base';

export type Intent = {
  readonly image: string;
  readonly replicas: number;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly paused: boolean;
};

/** One call of the API that changes what is wanted. `after` null: the deployment is to be gone. */
export type Wish = {
  readonly operation: 'CREATE' | 'UPDATE' | 'SCALE' | 'PAUSE' | 'RESUME' | 'DELETE';
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly after: Intent | null;
};

const images = ['nginx:1.26', 'nginx:1.27', 'nginx:1.28', 'httpd:2.4'] as const;
/** Pods cost the machine more than anything else here. */
const replicasMax = 3;

export function creation(identifier: string, random: Random): Wish {
  const after: Intent = {
    image: random.pick(images),
    replicas: random.integer(0, replicasMax),
    env: marks(random),
    paused: false,
  };
  const { image, replicas, env } = after;
  return { operation: 'CREATE', body: { identifier, image, replicas, env }, after };
}

/** A change of what is wanted now; one in seven takes the deployment away. */
export function change(current: Intent, random: Random): Wish {
  const kind = random.pick([...updates, 'SCALE', 'SCALE', 'PAUSE', 'DELETE'] as const);
  switch (kind) {
    case 'UPDATE': {
      const image = random.pick(images);
      const env = marks(random);
      return { operation: kind, body: { image, env }, after: { ...current, image, env } };
    }
    case 'SCALE': {
      const replicas = random.integer(0, replicasMax);
      return { operation: kind, body: { replicas }, after: { ...current, replicas } };
    }
    case 'PAUSE': {
      const paused = !current.paused;
      return { operation: paused ? 'PAUSE' : 'RESUME', body: null, after: { ...current, paused } };
    }
    case 'DELETE':
      return { operation: kind, body: null, after: null };
    default:
      return kind satisfies never;
  }
}

const updates = ['UPDATE', 'UPDATE', 'UPDATE'] as const;

/** A value that no other wish has: what the cluster shows tells which wish it came from. */
function marks(random: Random): Intent['env'] {
  return [{ name: 'MARK', value: String(random.integer(0, 2 ** 31)) }];
}

/** Null where they are the same; else what differs. */
export function difference(wanted: Intent, seen: Intent): string | null {
  const names = ['image', 'replicas', 'env', 'paused'] as const;
  const differing = names.filter(
    (name) => JSON.stringify(wanted[name]) !== JSON.stringify(seen[name]),
  );
  if (differing.length === 0) return null;
  return differing
    .map((name) => {
      const pair = [wanted[name], seen[name]].map((value) => JSON.stringify(value));
      return `${name} is ${required(pair[1], 'seen')}, not ${required(pair[0], 'wanted')}`;
    })
    .join('; ');
}
