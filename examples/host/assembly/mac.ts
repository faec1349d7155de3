import { config } from './generated';

/** MAC of the host: 02:00, then what is configured. */
export function ownMac(): u64 {
  return 0x0200_0000_0000 | (<u64>config.mac);
}
