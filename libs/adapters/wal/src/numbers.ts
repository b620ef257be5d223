/** Numbers in files: little-endian; 64 bits hold whole numbers below 2^53, without BigInt. */

const twoTo32 = 2 ** 32;

export function writeUint64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % twoTo32, at);
  bytes.writeUInt32LE(Math.floor(value / twoTo32), at + 4);
}

export function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * twoTo32;
}
