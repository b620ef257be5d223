/**
 * CRC32C (Castagnoli; RFC 3720, appendix B.4): polynomial 0x1edc6f41, reflected. Eight bytes per
 * step with eight tables ("slicing-by-8", Kounavis and Berry 2005).
 */

const reflectedPolynomial = 0x82f63b78;
const tableCount = 8;
const tables = makeTables();

/**
 * Checksum of bytes[start, end) as an unsigned number of 32 bits.
 *
 * @param seed checksum of what comes before: crc32c(b, …, crc32c(a, …)) is that of a then b
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  const t = tables;
  let crc = ~seed;
  let at = start;
  for (const stop = end - 7; at < stop; at += 8) {
    // The tables lie one after another: 256 numbers each.
    const low =
      crc ^
      ((bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24));
    crc =
      (t[1792 + (low & 0xff)] ?? 0) ^
      (t[1536 + ((low >>> 8) & 0xff)] ?? 0) ^
      (t[1280 + ((low >>> 16) & 0xff)] ?? 0) ^
      (t[1024 + (low >>> 24)] ?? 0) ^
      (t[768 + (bytes[at + 4] ?? 0)] ?? 0) ^
      (t[512 + (bytes[at + 5] ?? 0)] ?? 0) ^
      (t[256 + (bytes[at + 6] ?? 0)] ?? 0) ^
      (t[bytes[at + 7] ?? 0] ?? 0);
  }
  for (; at < end; at += 1) {
    crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}

function makeTables(): Int32Array {
  const all = new Int32Array(256 * tableCount);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = crc & 1 ? (crc >>> 1) ^ reflectedPolynomial : crc >>> 1;
    }
    all[byte] = crc;
  }
  for (let place = 256; place < all.length; place += 1) {
    const shorter = all[place - 256] ?? 0;
    all[place] = (shorter >>> 8) ^ (all[shorter & 0xff] ?? 0);
  }
  return all;
}
