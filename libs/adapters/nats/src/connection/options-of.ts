import type { natsSettings, SettingsOfMap } from '@windlass/config';
import type { ConnectOptions } from './bus.ts';

/** The connection that an app's settings ask for. */
export function natsOptionsOf(
  settings: SettingsOfMap<typeof natsSettings>,
): Pick<ConnectOptions, 'url' | 'tls' | 'credentials'> {
  const { natsTlsCaFile, natsTlsCertFile, natsTlsKeyFile, natsToken, natsCredentialsFile } =
    settings;
  const usesTls = natsTlsCaFile !== null || natsTlsCertFile !== null;
  const tls = { caFile: natsTlsCaFile, certFile: natsTlsCertFile, keyFile: natsTlsKeyFile };
  return {
    url: settings.natsUrl,
    tls: usesTls ? tls : null,
    credentials: credentialsOf(natsToken, natsCredentialsFile),
  };
}

function credentialsOf(token: string | null, file: string | null): ConnectOptions['credentials'] {
  if (file !== null) return { kind: 'file', path: file };
  return token === null ? null : { kind: 'token', token };
}
