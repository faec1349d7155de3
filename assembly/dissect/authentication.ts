import { AUTHENTICATION_BYTES } from '../fields.ts';
import { Descriptor } from '../records.ts';
import { Authentication } from '../wire/authentication.ts';

/** Bytes of the authentication header at `offset`; 0 when it does not end by `end` or has no room for its fields. */
export function authenticationBytes(packet: Descriptor, offset: i32, end: i32): i32 {
  if (end - offset < AUTHENTICATION_BYTES) return 0;
  const bytes = Authentication.at(packet.byte(offset)).bytes;
  return bytes < AUTHENTICATION_BYTES || bytes > end - offset ? 0 : bytes;
}
