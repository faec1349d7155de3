/** Numbers of the sections of a Wasm module. */
export function sectionsOf(bytes: Uint8Array): number[] {
  const sections: number[] = [];
  let at = 8;
  while (at < bytes.length) {
    sections.push(bytes[at] ?? -1);
    let size = 0;
    let shift = 0;
    for (at++; ; at++, shift += 7) {
      const byte = bytes[at] ?? 0;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += 1 + size;
  }
  return sections;
}
