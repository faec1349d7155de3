import { internetChecksum } from '../../../src/testing/checksum.ts';

// Messages above UDP and TCP, and neighbor discovery, for the tests of examples.

/** A question for the address of a name: RFC 1035 4.1. */
export function dnsQuestion(name: string): Uint8Array {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const header = Buffer.from('123401000001000000000000', 'hex');
  return new Uint8Array(Buffer.concat([header, ...labels, Buffer.from('0000010001', 'hex')]));
}

/** The first flight of a TLS connection; without a server name where it is empty: RFC 8446 4.1.2, RFC 6066 3. */
export function clientHello(name: string): Uint8Array {
  const host = Buffer.from(name);
  const serverName = Buffer.concat([
    u16(0),
    u16(host.length + 5),
    u16(host.length + 3),
    Buffer.of(0),
    u16(host.length),
    host,
  ]);
  const other = Buffer.concat([u16(0x002b), u16(3), Buffer.of(2, 3, 4)]);
  const extensions = Buffer.concat([other, ...(name === '' ? [] : [serverName])]);
  const session = Buffer.alloc(32, 7);
  const ciphers = Buffer.from('13011302', 'hex');
  const body = Buffer.concat([
    ...[u16(0x0303), Buffer.alloc(32, 9), Buffer.of(session.length), session],
    ...[u16(ciphers.length), ciphers, Buffer.of(1, 0), u16(extensions.length), extensions],
  ]);
  const handshake = Buffer.concat([Buffer.of(1, 0), u16(body.length), body]);
  return new Uint8Array(Buffer.concat([Buffer.of(22, 3, 1), u16(handshake.length), handshake]));
}

/** Who has fd00::2? Or the answer of 02:00:00:00:00:02: RFC 4861 4.3, 4.4. */
export function neighborSolicitation({ isAnswer = false } = {}): Uint8Array {
  const asker = Buffer.from('fd000000000000000000000000000001', 'hex');
  const host = Buffer.from('fd000000000000000000000000000002', 'hex');
  const group = Buffer.from('ff0200000000000000000001ff000002', 'hex');
  const message = Buffer.concat([
    Buffer.from(isAnswer ? '8800000060000000' : '8700000000000000', 'hex'),
    host,
    Buffer.from(isAnswer ? '0201020000000002' : '0101020000000001', 'hex'),
  ]);
  const [source, destination] = isAnswer ? [host, asker] : [asker, group];
  const pseudoHeader = Buffer.from('000000200000003a', 'hex');
  message.writeUInt16BE(internetChecksum(source, destination, pseudoHeader, message), 2);
  const link = isAnswer ? '020000000001' + '020000000002' : '3333ff000002' + '020000000001';
  const header = Buffer.from(`${link}86dd6000000000203aff`, 'hex');
  return new Uint8Array(Buffer.concat([header, source, destination, message]));
}

function u16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}
