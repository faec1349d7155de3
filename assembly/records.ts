import * as layout from './layout.ts';

// The records of the arena as overlays, fields in the order in which they lie. layout.ts is the truth and says what each
// field means; a field that stands elsewhere than there stops the build.

/** One packet as `dissect` saw it. Only the core writes it. */
@unmanaged
export class Descriptor {
  @inline static at(address: usize): Descriptor {
    return changetype<Descriptor>(address);
  }

  /** The descriptor of the batch's packet `index`. */
  @inline static of(index: i32): Descriptor {
    return changetype<Descriptor>(<usize>(layout.DESCRIPTORS_OFFSET + index * layout.DESCRIPTOR_BYTES));
  }

  frame: u32;
  length: u32;
  wireLength: u32;
  flags: u32;
  time: u64;
  flowHash: u32;
  slot: u16;
  inPort: u16;
  l3: u16;
  l4: u16;
  payload: u16;
  payloadLength: u16;
  etherType: u16;
  vlanOuter: u16;
  vlanInner: u16;
  sourcePort: u16;
  destinationPort: u16;
  protocol: u8;
  tcpFlags: u8;
  vlanCount: u8;
  malformed: u8;
  vnetFlags: u8;
  gsoType: u8;
  hdrLen: u16;
  gsoSize: u16;
  csumStart: u16;
  csumOffset: u16;

  /** Address of the byte `offset` behind the frame's first. */
  @inline byte(offset: i32): usize {
    return this.frame + offset;
  }

  /** Whether the packet has one of the layers in `flags`. */
  @inline has(flags: u32): bool {
    return (this.flags & flags) != 0;
  }
}

/** What the filters say of one packet. */
@unmanaged
export class Outcome {
  @inline static at(address: usize): Outcome {
    return changetype<Outcome>(address);
  }

  /** The outcome of the batch's packet `index`. */
  @inline static of(index: i32): Outcome {
    return changetype<Outcome>(<usize>(layout.OUTCOMES_OFFSET + index * layout.OUTCOME_BYTES));
  }

  verdict: u8;
  flags: u8;
  outPort: u8;
  mirrorPort: u8;
  reason: u16;
  startShift: i16;
  mark: u32;
  endShift: i32;

  /** Turns the verdict into a drop for the built-in `reason`; whoever settles the packet counts it. */
  @inline drop(reason: i32): void {
    this.verdict = <u8>layout.VERDICT_DROP;
    this.reason = <u16>(layout.REASON_BUILT_IN | reason);
  }
}

/** Where a port's slots lie and what it carries. Only the host writes it. */
@unmanaged
export class Port {
  /** The record of port `number`, which must be below PORT_COUNT. */
  @inline static of(number: i32): Port {
    return changetype<Port>(<usize>(layout.PORTS_OFFSET + number * layout.PORT_BYTES));
  }

  pool: u32;
  stride: u32;
  slots: u32;
  firstSlot: u32;
  frameStart: u32;
  capacity: u32;
  link: u8;
  header: u8;
  offloads: u16;
  route: u8;
  interface: u32;

  /** Whether the line has this port. */
  get isUsed(): bool {
    return this.stride != 0;
  }

  /** Whether slot `slot` belongs to this port's pool. */
  @inline owns(slot: u32): bool {
    return slot - this.firstSlot < this.slots;
  }

  /** Address of slot `slot`, which must be one of this port's. */
  @inline slotAddress(slot: u32): u32 {
    return this.pool + (slot - this.firstSlot) * this.stride;
  }
}

/** One filter's place in the chain. */
@unmanaged
export class Stage {
  /** The record of stage `number`, which must be below STAGE_COUNT. */
  @inline static of(number: i32): Stage {
    return changetype<Stage>(<usize>(layout.STAGES_OFFSET + number * layout.STAGE_BYTES));
  }

  packets: u64;
  accepted: u64;
  dropped: u64;
  reflected: u64;
  redirected: u64;
  mirrored: u64;
  modified: u64;
  short: u64;
  failed: u64;
  outside: u64;
  reasonBase: u16;
  reasonCount: u16;
  onError: u8;
  onShort: u8;
  onOutside: u8;
  writes: u8;
  window: u32;
  headroom: u32;
}

/** What host and engine hand each other for one slot. */
@unmanaged
export class Record {
  @inline static at(address: usize): Record {
    return changetype<Record>(address);
  }

  slot: u32;
  port: u32;
  length: u32;
  offset: u32;
}

/** What the host says to a whole batch. */
@unmanaged
export class Control {
  @inline static get(): Control {
    return changetype<Control>(<usize>layout.CONTROL_OFFSET);
  }

  time: u64;
  mirrors: u32;
}

/** Packets that wait while segments are made, and how far that has come. */
@unmanaged
export class Aside {
  @inline static get(): Aside {
    return changetype<Aside>(<usize>layout.ASIDE_OFFSET);
  }

  count: u32;
  next: u32;
  segment: u32;
  stock: u32;
  active: u32;
  made: u32;

  /** Whether packets are still to come back into the batch. */
  get isPending(): bool {
    return this.next < this.count;
  }
}

if (
  offsetof<Descriptor>() != layout.DESCRIPTOR_BYTES ||
  offsetof<Descriptor>('frame') != layout.DESCRIPTOR_FRAME ||
  offsetof<Descriptor>('length') != layout.DESCRIPTOR_LENGTH ||
  offsetof<Descriptor>('wireLength') != layout.DESCRIPTOR_WIRE_LENGTH ||
  offsetof<Descriptor>('flags') != layout.DESCRIPTOR_FLAGS ||
  offsetof<Descriptor>('time') != layout.DESCRIPTOR_TIME ||
  offsetof<Descriptor>('flowHash') != layout.DESCRIPTOR_FLOW_HASH ||
  offsetof<Descriptor>('slot') != layout.DESCRIPTOR_SLOT ||
  offsetof<Descriptor>('inPort') != layout.DESCRIPTOR_IN_PORT ||
  offsetof<Descriptor>('l3') != layout.DESCRIPTOR_L3 ||
  offsetof<Descriptor>('l4') != layout.DESCRIPTOR_L4 ||
  offsetof<Descriptor>('payload') != layout.DESCRIPTOR_PAYLOAD ||
  offsetof<Descriptor>('payloadLength') != layout.DESCRIPTOR_PAYLOAD_LENGTH ||
  offsetof<Descriptor>('etherType') != layout.DESCRIPTOR_ETHER_TYPE ||
  offsetof<Descriptor>('vlanOuter') != layout.DESCRIPTOR_VLAN_OUTER ||
  offsetof<Descriptor>('vlanInner') != layout.DESCRIPTOR_VLAN_INNER ||
  offsetof<Descriptor>('sourcePort') != layout.DESCRIPTOR_SOURCE_PORT ||
  offsetof<Descriptor>('destinationPort') != layout.DESCRIPTOR_DESTINATION_PORT ||
  offsetof<Descriptor>('protocol') != layout.DESCRIPTOR_PROTOCOL ||
  offsetof<Descriptor>('tcpFlags') != layout.DESCRIPTOR_TCP_FLAGS ||
  offsetof<Descriptor>('vlanCount') != layout.DESCRIPTOR_VLAN_COUNT ||
  offsetof<Descriptor>('malformed') != layout.DESCRIPTOR_MALFORMED ||
  offsetof<Descriptor>('vnetFlags') != layout.DESCRIPTOR_VNET_FLAGS ||
  offsetof<Descriptor>('gsoType') != layout.DESCRIPTOR_GSO_TYPE ||
  offsetof<Descriptor>('hdrLen') != layout.DESCRIPTOR_HDR_LEN ||
  offsetof<Descriptor>('gsoSize') != layout.DESCRIPTOR_GSO_SIZE ||
  offsetof<Descriptor>('csumStart') != layout.DESCRIPTOR_CSUM_START ||
  offsetof<Descriptor>('csumOffset') != layout.DESCRIPTOR_CSUM_OFFSET
) {
  ERROR('Descriptor differs from layout.ts');
}

if (
  offsetof<Outcome>() != layout.OUTCOME_BYTES ||
  offsetof<Outcome>('verdict') != layout.OUTCOME_VERDICT ||
  offsetof<Outcome>('flags') != layout.OUTCOME_FLAGS ||
  offsetof<Outcome>('outPort') != layout.OUTCOME_OUT_PORT ||
  offsetof<Outcome>('mirrorPort') != layout.OUTCOME_MIRROR_PORT ||
  offsetof<Outcome>('reason') != layout.OUTCOME_REASON ||
  offsetof<Outcome>('startShift') != layout.OUTCOME_START_SHIFT ||
  offsetof<Outcome>('mark') != layout.OUTCOME_MARK ||
  offsetof<Outcome>('endShift') != layout.OUTCOME_END_SHIFT
) {
  ERROR('Outcome differs from layout.ts');
}

if (
  offsetof<Port>() > <usize>layout.PORT_BYTES ||
  offsetof<Port>('pool') != layout.PORT_POOL ||
  offsetof<Port>('stride') != layout.PORT_STRIDE ||
  offsetof<Port>('slots') != layout.PORT_SLOTS ||
  offsetof<Port>('firstSlot') != layout.PORT_FIRST_SLOT ||
  offsetof<Port>('frameStart') != layout.PORT_FRAME_START ||
  offsetof<Port>('capacity') != layout.PORT_CAPACITY ||
  offsetof<Port>('link') != layout.PORT_LINK ||
  offsetof<Port>('header') != layout.PORT_HEADER ||
  offsetof<Port>('offloads') != layout.PORT_OFFLOADS ||
  offsetof<Port>('route') != layout.PORT_ROUTE ||
  offsetof<Port>('interface') != layout.PORT_INTERFACE
) {
  ERROR('Port differs from layout.ts');
}

if (
  offsetof<Stage>() > <usize>layout.STAGE_BYTES ||
  offsetof<Stage>('packets') != layout.STAGE_PACKETS ||
  offsetof<Stage>('accepted') != layout.STAGE_ACCEPTED ||
  offsetof<Stage>('dropped') != layout.STAGE_DROPPED ||
  offsetof<Stage>('reflected') != layout.STAGE_REFLECTED ||
  offsetof<Stage>('redirected') != layout.STAGE_REDIRECTED ||
  offsetof<Stage>('mirrored') != layout.STAGE_MIRRORED ||
  offsetof<Stage>('modified') != layout.STAGE_MODIFIED ||
  offsetof<Stage>('short') != layout.STAGE_SHORT ||
  offsetof<Stage>('failed') != layout.STAGE_FAILED ||
  offsetof<Stage>('outside') != layout.STAGE_OUTSIDE ||
  offsetof<Stage>('reasonBase') != layout.STAGE_REASON_BASE ||
  offsetof<Stage>('reasonCount') != layout.STAGE_REASON_COUNT ||
  offsetof<Stage>('onError') != layout.STAGE_ON_ERROR ||
  offsetof<Stage>('onShort') != layout.STAGE_ON_SHORT ||
  offsetof<Stage>('onOutside') != layout.STAGE_ON_OUTSIDE ||
  offsetof<Stage>('writes') != layout.STAGE_WRITES ||
  offsetof<Stage>('window') != layout.STAGE_WINDOW ||
  offsetof<Stage>('headroom') != layout.STAGE_HEADROOM
) {
  ERROR('Stage differs from layout.ts');
}

if (
  offsetof<Record>() != layout.RECORD_BYTES ||
  offsetof<Record>('slot') != layout.RECORD_SLOT ||
  offsetof<Record>('port') != layout.RECORD_PORT ||
  offsetof<Record>('length') != layout.RECORD_LENGTH ||
  offsetof<Record>('offset') != layout.RECORD_OFFSET ||
  offsetof<Control>('time') != layout.CONTROL_TIME ||
  offsetof<Control>('mirrors') != layout.CONTROL_MIRRORS
) {
  ERROR('Record or Control differs from layout.ts');
}

if (
  offsetof<Aside>() > <usize>layout.ASIDE_BYTES ||
  offsetof<Aside>('count') != layout.ASIDE_COUNT ||
  offsetof<Aside>('next') != layout.ASIDE_NEXT ||
  offsetof<Aside>('segment') != layout.ASIDE_SEGMENT ||
  offsetof<Aside>('stock') != layout.ASIDE_STOCK ||
  offsetof<Aside>('active') != layout.ASIDE_ACTIVE ||
  offsetof<Aside>('made') != layout.ASIDE_MADE
) {
  ERROR('Aside differs from layout.ts');
}
