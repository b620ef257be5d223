/**
 * Who this node is. After the common part (framed-file.ts): bytes of the text (4), 0 (4), and JSON,
 * all of it under the header's checksum.
 */
import { damaged, WalDamageKind } from './damage.ts';
import { readWhole, replaceFile, type WalFiles } from './files.ts';
import { checkOrigin, isSealed, preambleBytes, sealHeader } from './framed-file.ts';
import { isRecord } from './json.ts';
import { identityName } from './names.ts';
import type { Identity } from './types.ts';

const magic = 'WLIDENTY';
const textAt = preambleBytes + 8;

export async function writeIdentity(
  files: WalFiles,
  folder: string,
  identity: Identity,
  logId: Buffer,
): Promise<void> {
  const { clusterId, nodeId, name, attributes } = identity;
  const text = Buffer.from(JSON.stringify({ clusterId, nodeId, name, attributes }));
  const bytes = Buffer.concat([Buffer.alloc(textAt), text]);
  bytes.writeUInt32LE(text.length, preambleBytes);
  sealHeader(bytes, magic, logId, bytes.length);
  await replaceFile(files, folder, identityName, bytes);
}

/** Throws WalDamagedError. */
export async function readIdentity(
  files: WalFiles,
  folder: string,
  logId: Buffer,
): Promise<Identity> {
  const bytes = await readWhole(files, `${folder}/${identityName}`);
  if (bytes.length < textAt || !isSealed(bytes, magic, bytes.length)) {
    throw damaged(WalDamageKind.DamagedIdentity, identityName, 0, 'its checksum is wrong');
  }
  checkOrigin(bytes, logId, identityName);
  const identity: unknown = JSON.parse(bytes.toString('utf8', textAt));
  if (!isIdentity(identity)) {
    throw damaged(WalDamageKind.Inconsistent, identityName, textAt, 'is no identity');
  }
  return identity;
}

function isIdentity(value: unknown): value is Identity {
  return (
    isRecord(value) &&
    Number.isSafeInteger(value['clusterId']) &&
    Number.isSafeInteger(value['nodeId']) &&
    typeof value['name'] === 'string' &&
    isRecord(value['attributes']) &&
    Object.values(value['attributes']).every((each) => typeof each === 'string')
  );
}
