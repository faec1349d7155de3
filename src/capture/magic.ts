/**
 * How a capture file begins.
 *
 * pcap (draft-ietf-opsawg-pcap, section 4): a magic number, whose byte order is the file's, and whose value is the unit of
 * the fractions of a second. pcapng (draft-ietf-opsawg-pcapng, section 4.1): the type of a section header block, which
 * reads the same from both ends; the byte order follows 8 bytes later and belongs to the section.
 */
export const MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const MAGIC_NANOSECONDS = 0xa1b23c4d;
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;

/** Bytes that `recognise` looks at. */
export const MAGIC_BYTES = 4;

export interface PcapFormat {
  readonly kind: 'pcap';
  readonly isLittleEndian: boolean;
  readonly isNanoseconds: boolean;
}

/** The format of the file that begins here, or undefined when it is none that we read. */
export function recognise(view: DataView, offset: number): PcapFormat | { readonly kind: 'pcapng' } | undefined {
  const [little, big] = [view.getUint32(offset, true), view.getUint32(offset, false)];
  if (big === SECTION_HEADER_BLOCK) return { kind: 'pcapng' };
  for (const isNanoseconds of [false, true]) {
    const magic = isNanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS;
    if (little === magic || big === magic) return { kind: 'pcap', isLittleEndian: little === magic, isNanoseconds };
  }
  return undefined;
}

/** What is known of a file that is none of ours, as a clause. */
export function describeUnknown(view: DataView, offset: number): string {
  const magic = view.getUint32(offset, false);
  const what = others.get(magic) ?? 'it is no pcap or pcapng file';
  return `${what} (it begins with 0x${magic.toString(16).padStart(8, '0')})`;
}

/** Files that people take for captures, or that are captures of another kind, by their first bytes. */
const others: ReadonlyMap<number, string> = new Map([
  [0xa1b2cd34, 'it is a pcap file as modified by A. Kuznetsov: convert it with editcap -F pcapng'],
  [0x34cdb2a1, 'it is a pcap file as modified by A. Kuznetsov: convert it with editcap -F pcapng'],
  [0x736e6f6f, 'it is a snoop file: convert it with editcap -F pcapng'],
  [0x28b52ffd, 'it is compressed with zstd, and only gzip is read: decompress it'],
  [0x04224d18, 'it is compressed with lz4, and only gzip is read: decompress it'],
  [0xfd377a58, 'it is compressed with xz, and only gzip is read: decompress it'],
]);
