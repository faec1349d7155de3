import {
  VIRTIO_BYTES,
  VIRTIO_CSUM_OFFSET,
  VIRTIO_CSUM_START,
  VIRTIO_FLAGS,
  VIRTIO_GSO_SIZE,
  VIRTIO_GSO_TYPE,
  VIRTIO_HDR_LEN,
  VIRTIO_NUM_BUFFERS,
} from '../fields.ts';
import { VNET_BYTES } from '../layout.ts';

/**
 * virtio_net_hdr_v1, <linux/virtio_net.h>: lies directly before the frame. Little-endian, because the device was told so
 * (TUNSETVNETLE), so that no field has to be turned around.
 *
 *     ┌───────┬───────┬───────────────┐
 *   0 │ flags │ type  │ hdr_len       │   type: VNET_GSO_*
 *     ├───────┴───────┼───────────────┤
 *   4 │ gso_size      │ csum_start    │
 *     ├───────────────┼───────────────┤
 *   8 │ csum_offset   │ num_buffers   │   num_buffers: may be whatever the slot held before; never read
 *     └───────────────┴───────────────┘
 */
@unmanaged
export class Virtio {
  /** The header of the frame at `frame`; every frame has room for it before its first byte. */
  @inline static before(frame: usize): Virtio {
    return changetype<Virtio>(frame - VNET_BYTES);
  }

  flags: u8;
  gsoType: u8;
  hdrLen: u16;
  gsoSize: u16;
  csumStart: u16;
  csumOffset: u16;
  numBuffers: u16;
}

if (
  offsetof<Virtio>() != VIRTIO_BYTES ||
  offsetof<Virtio>() != VNET_BYTES ||
  offsetof<Virtio>('flags') != VIRTIO_FLAGS ||
  offsetof<Virtio>('gsoType') != VIRTIO_GSO_TYPE ||
  offsetof<Virtio>('hdrLen') != VIRTIO_HDR_LEN ||
  offsetof<Virtio>('gsoSize') != VIRTIO_GSO_SIZE ||
  offsetof<Virtio>('csumStart') != VIRTIO_CSUM_START ||
  offsetof<Virtio>('csumOffset') != VIRTIO_CSUM_OFFSET ||
  offsetof<Virtio>('numBuffers') != VIRTIO_NUM_BUFFERS
) {
  ERROR('Virtio differs from fields.ts');
}
