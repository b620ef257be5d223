/**
 * The settings of the API server, and the only reader of its environment. The table in README.md is
 * made from this. Read next: app.ts.
 */
import {
  defineSettings,
  httpSettings,
  kubeSettings,
  lifecycleSettings,
  natsSettings,
  postgresSettings,
  type SettingProblem,
  type SettingsOf,
  setting,
  telemetrySettings,
} from '@windlass/config';
import { imagePatternProblem } from '@windlass/deployment-safety';
import { jwtAlgorithms } from './auth/jwt-mode.ts';
import { isAddressRange, isLoopback } from './auth/trusted-proxies.ts';

/** Shorter secrets can be guessed. */
const sharedSecretLengthMin = 16;

const accessSettings = {
  authMode: setting.oneOf({
    env: 'AUTH_MODE',
    values: ['header', 'jwt'],
    default: 'header',
    description:
      '`header`: a trusted proxy names the user in X-User-ID. `jwt`: bearer tokens of an OpenID Connect provider.',
  }),
  trustedProxies: setting.list({
    env: 'TRUSTED_PROXIES',
    default: [],
    itemForm: 'address ranges (CIDR)',
    description:
      'Peers that may name the user (header mode) and whose X-Forwarded-For is believed, such as 10.0.0.0/8.',
  }),
  proxySharedSecret: setting.secret({
    env: 'PROXY_SHARED_SECRET',
    optional: true,
    minLength: sharedSecretLengthMin,
    description: 'A proxy that sends this in X-Proxy-Secret is trusted, whatever its address.',
  }),
  adminUsers: setting.list({
    env: 'ADMIN_USERS',
    default: [],
    itemForm: 'user ids',
    description: 'Users that are admins whatever their roles say.',
  }),
  adminRole: setting.string({
    env: 'ADMIN_ROLE',
    default: 'admin',
    maxLength: 128,
    description: 'The role in X-User-Roles, or in the token, that makes an admin.',
  }),
  jwtIssuer: setting.string({
    env: 'JWT_ISSUER',
    optional: true,
    description: 'The `iss` that tokens must have. Required in jwt mode.',
  }),
  jwtAudience: setting.string({
    env: 'JWT_AUDIENCE',
    optional: true,
    description: 'The `aud` that tokens must have. Required in jwt mode.',
  }),
  jwtJwksUrl: setting.url({
    env: 'JWT_JWKS_URL',
    protocols: ['https:', 'http:'],
    optional: true,
    description: "The provider's key set. Required in jwt mode; http only on loopback.",
  }),
  jwtAlgorithms: setting.list({
    env: 'JWT_ALGORITHMS',
    default: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    itemPattern: new RegExp(`^(?:${jwtAlgorithms.join('|')})$`),
    itemForm: 'asymmetric JWS algorithms',
    description: 'Signature algorithms that are accepted.',
  }),
  jwtClockToleranceMs: setting.durationMs({
    env: 'JWT_CLOCK_TOLERANCE_MS',
    default: 30_000,
    max: 300_000,
    description: "How far the provider's clock may be off.",
  }),
  jwtUserClaim: setting.string({
    env: 'JWT_USER_CLAIM',
    default: 'sub',
    maxLength: 128,
    description: 'Claim with the user id; `a.b` looks into an object.',
  }),
  jwtRolesClaim: setting.string({
    env: 'JWT_ROLES_CLAIM',
    default: 'roles',
    maxLength: 128,
    description: 'Claim with the roles, a list or words, such as `realm_access.roles`.',
  }),
};

const safetySettings = {
  defaultNamespace: setting.string({
    env: 'DEFAULT_NAMESPACE',
    default: 'default',
    pattern: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    form: 'a DNS label',
    description: 'Namespace of deployments that name none.',
  }),
  namespaceAllowList: setting.list({
    env: 'NAMESPACE_ALLOW_LIST',
    default: [],
    itemForm: 'namespace names, `*` as a wildcard',
    description: 'Namespaces that may be deployed to; empty: all but those of the system.',
  }),
  imageAllowList: setting.list({
    env: 'IMAGE_ALLOW_LIST',
    default: [],
    itemForm: 'image names, `*` and `**` as wildcards',
    description: 'Images that may run, such as `ghcr.io/acme/**`; empty: all.',
  }),
  imageVersionRequired: setting.boolean({
    env: 'IMAGE_VERSION_REQUIRED',
    default: false,
    description: 'Refuses images without a tag or digest, and the tag `latest`.',
  }),
  podSecurity: setting.oneOf({
    env: 'POD_SECURITY',
    values: ['privileged', 'baseline', 'restricted'],
    default: 'baseline',
    description: 'Pod Security Standard that every spec is held to.',
  }),
  quotaDeploymentsMax: setting.integer({
    env: 'QUOTA_DEPLOYMENTS_MAX',
    default: 1_000,
    min: 0,
    max: 1_000_000,
    description: 'Deployments that one user may have at once; 0: no limit.',
  }),
  quotaReplicasMax: setting.integer({
    env: 'QUOTA_REPLICAS_MAX',
    default: 10_000,
    min: 0,
    max: 100_000_000,
    description: 'Replicas that one user may ask for over all deployments; 0: no limit.',
  }),
  openRevisionsMax: setting.integer({
    env: 'OPEN_REVISIONS_MAX',
    default: 50,
    min: 1,
    max: 1_000,
    description: 'Changes that may wait on one deployment before further ones get 409.',
  }),
  rateLimitMax: setting.integer({
    env: 'RATE_LIMIT_MAX',
    default: 6_000,
    min: 0,
    max: 10_000_000,
    description: 'Requests that one user may send per window to this process; 0: no limit.',
  }),
  rateLimitWindowMs: setting.durationMs({
    env: 'RATE_LIMIT_WINDOW_MS',
    default: 60_000,
    min: 1_000,
    max: 3_600_000,
    description: 'The window of RATE_LIMIT_MAX.',
  }),
};

const streamSettings = {
  waitTimeoutMaxMs: setting.durationMs({
    env: 'WAIT_TIMEOUT_MAX_MS',
    default: 120_000,
    min: 1_000,
    max: 600_000,
    description: 'Longest `?wait=…&timeoutSeconds=…` that is granted.',
  }),
  waitsMax: setting.integer({
    env: 'WAITS_MAX',
    default: 1_000,
    min: 1,
    max: 100_000,
    description: 'Requests that may wait at once in this process; further ones get 429.',
  }),
  eventStreamsMax: setting.integer({
    env: 'EVENT_STREAMS_MAX',
    default: 1_000,
    min: 1,
    max: 100_000,
    description: 'Event streams that may be open at once in this process; further ones get 429.',
  }),
  eventStreamsPerUserMax: setting.integer({
    env: 'EVENT_STREAMS_PER_USER_MAX',
    default: 20,
    min: 1,
    max: 100_000,
    description: 'Event streams that one user may have open at once in this process.',
  }),
  eventHeartbeatMs: setting.durationMs({
    env: 'EVENT_HEARTBEAT_MS',
    default: 15_000,
    min: 50,
    max: 300_000,
    description: 'A comment is sent on event streams this often, so that proxies keep them.',
  }),
  activityRetentionMs: setting.durationMs({
    env: 'ACTIVITY_RETENTION_MS',
    default: 86_400_000,
    min: 60_000,
    description: 'How far back an event stream can be resumed.',
  }),
  outboxRetentionMs: setting.durationMs({
    env: 'OUTBOX_RETENTION_MS',
    default: 3_600_000,
    min: 60_000,
    description: 'How long sent outbox rows are kept.',
  }),
};

export const settings = defineSettings(
  'api',
  'REST API of the deployment manager: takes requests, keeps them, hands them to the worker.',
  {
    ...httpSettings({ port: 8000 }),
    ...accessSettings,
    ...safetySettings,
    ...streamSettings,
    ...postgresSettings,
    ...natsSettings,
    ...kubeSettings,
    ...telemetrySettings,
    ...lifecycleSettings,
  },
  {
    refine: (rule) => [
      rule(['authMode', 'httpHost', 'trustedProxies', 'proxySharedSecret'], headerModeProblems),
      rule(['trustedProxies'], addressProblems),
      rule(['imageAllowList'], imagePatternProblems),
      rule(['authMode', 'jwtIssuer', 'jwtAudience', 'jwtJwksUrl'], jwtModeProblems),
    ],
  },
);

export type ApiSettings = SettingsOf<typeof settings>;

/** Header mode believes what it is told, so somebody trusted has to be in front of it. */
function headerModeProblems(given: {
  readonly authMode: 'header' | 'jwt';
  readonly httpHost: string;
  readonly trustedProxies: readonly string[];
  readonly proxySharedSecret: string | null;
}): readonly SettingProblem[] {
  const isGuarded = given.trustedProxies.length > 0 || given.proxySharedSecret !== null;
  if (given.authMode !== 'header' || isGuarded || isLoopback(given.httpHost)) return [];
  return [
    {
      env: 'HTTP_HOST',
      message:
        'must be a loopback address in header mode, unless TRUSTED_PROXIES or PROXY_SHARED_SECRET says whose X-User-ID is believed',
    },
  ];
}

function addressProblems(given: {
  readonly trustedProxies: readonly string[];
}): readonly SettingProblem[] {
  return given.trustedProxies
    .filter((range) => !isAddressRange(range))
    .map((range) => ({
      env: 'TRUSTED_PROXIES',
      message: `must hold address ranges such as 10.0.0.0/8, not ${JSON.stringify(range)}`,
    }));
}

function imagePatternProblems(given: {
  readonly imageAllowList: readonly string[];
}): readonly SettingProblem[] {
  return given.imageAllowList.flatMap((pattern) => {
    const problem = imagePatternProblem(pattern);
    if (problem === null) return [];
    return [{ env: 'IMAGE_ALLOW_LIST', message: `${JSON.stringify(pattern)} ${problem}` }];
  });
}

function jwtModeProblems(given: {
  readonly authMode: 'header' | 'jwt';
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string | null;
  readonly jwtJwksUrl: string | null;
}): readonly SettingProblem[] {
  if (given.authMode !== 'jwt') return [];
  const required = {
    JWT_ISSUER: given.jwtIssuer,
    JWT_AUDIENCE: given.jwtAudience,
    JWT_JWKS_URL: given.jwtJwksUrl,
  };
  const problems: SettingProblem[] = Object.entries(required)
    .filter(([, value]) => value === null)
    .map(([env]) => ({ env, message: 'must be set in jwt mode' }));
  const url = given.jwtJwksUrl === null ? null : new URL(given.jwtJwksUrl);
  if (url?.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    problems.push({ env: 'JWT_JWKS_URL', message: 'must be https, except on loopback' });
  }
  return problems;
}
