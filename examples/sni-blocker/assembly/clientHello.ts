import { Payload } from 'tapline/assembly/filter';

// TLS, RFC 8446 4.1.2 and 5.1, RFC 6066 3.

const RECORD_HANDSHAKE = 22;
const CLIENT_HELLO = 1;
/** Record header 5, handshake header 4, version 2, random 32. */
const SESSION_ID = 43;
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_LIMIT = 32;

/**
 * Where the server name of a ClientHello begins, in bytes of the payload; its length stands in the two before. 0 when
 * there is none, or when it is not in this segment.
 */
export function nameIn(tls: Payload): i32 {
  if (!tls.has(0, SESSION_ID + 1) || tls.u8(0) != RECORD_HANDSHAKE || tls.u8(5) != CLIENT_HELLO) return 0;
  let at = SESSION_ID + 1 + tls.u8(SESSION_ID);
  at += 2 + tls.u16be(at);
  at += 1 + tls.u8(at);
  const end = at + 2 + tls.u16be(at);
  at += 2;
  for (let count = 0; count < EXTENSION_LIMIT && at + 4 <= end && tls.has(at, 4); count++) {
    // List length 2, name type 1, name length 2.
    if (tls.u16be(at) == EXTENSION_SERVER_NAME) return tls.has(at + 4, 5) && tls.u8(at + 6) == 0 ? at + 9 : 0;
    at += 4 + tls.u16be(at + 2);
  }
  return 0;
}
