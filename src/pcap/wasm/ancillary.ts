import { DESCRIPTOR_IN_PORT, PORTS_OFFSET, PORT_BYTES, PORT_INTERFACE } from '../../../assembly/layout.ts';
import {
  ANCILLARY_INTERFACE,
  ANCILLARY_PACKET_TYPE,
  ANCILLARY_VLAN_PRESENT,
  ANCILLARY_VLAN_TAG,
  PACKET_OUTGOING,
} from '../program/bpf.ts';
import type { Code } from './code.ts';
import * as op from './opcodes.ts';

/**
 * Leaves on the stack what an ancillary load reads. A packet that a line reads from a device was sent by the interface's
 * own side; one from a queue came from outside. VLAN tags always lie in the frame.
 *
 * @param descriptor local that holds the descriptor's address
 * @returns false, and nothing on the stack, for facts that tapline does not have
 */
export function emitAncillary(code: Code, k: number, descriptor: number): boolean {
  switch (k) {
    case ANCILLARY_INTERFACE:
      emitInterface(code, descriptor);
      return true;
    case ANCILLARY_PACKET_TYPE:
      code.constant(PACKET_OUTGOING);
      code.constant(0);
      emitInterface(code, descriptor);
      code.emit(op.SELECT);
      return true;
    case ANCILLARY_VLAN_TAG:
    case ANCILLARY_VLAN_PRESENT:
      code.constant(0);
      return true;
    default:
      return false;
  }
}

/** Index of the interface behind the packet's port; 0: a queue. */
function emitInterface(code: Code, descriptor: number): void {
  code.get(descriptor);
  code.memory(op.I32_LOAD16_U, DESCRIPTOR_IN_PORT);
  code.constant(PORT_BYTES);
  code.emit(op.I32_MUL);
  code.memory(op.I32_LOAD, PORTS_OFFSET + PORT_INTERFACE);
}
