/**
 * Reads `02:00:00:00:00:01`.
 *
 * @throws {TypeError} another form, or a group address (the lowest bit of the first byte)
 */
export function parseMac(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    throw new TypeError(`Expected mac as in 02:00:00:00:00:01, got ${JSON.stringify(text)}`);
  }
  const bytes = Uint8Array.from(text.split(':'), (byte) => parseInt(byte, 16));
  if (((bytes[0] ?? 0) & 1) !== 0) {
    throw new TypeError(`Expected mac to be the address of one interface, got the group address ${text}`);
  }
  return bytes;
}

/** Six bytes as `02:00:00:00:00:01`. */
export function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
