import {
  BLOCK_BYTES,
  ENHANCED_PACKET_BLOCK,
  INTERFACE_DESCRIPTION_BLOCK,
  INTERFACE_STATISTICS_BLOCK,
  PACKET_BLOCK,
  SIMPLE_PACKET_BLOCK,
  TOTAL_LENGTH,
  TRAILER_BYTES,
  faultOfLength,
} from './block.ts';
import type { CaptureInterface } from './captureInterface.ts';
import { addInterface } from './interfaceBlock.ts';
import { SECTION_HEADER_BLOCK } from './magic.ts';
import { OptionCursor } from './options.ts';
import { readPacketBlock, readSimplePacketBlock } from './packetBlock.ts';
import { PACKET, PASSED, type PacketRecord, type RecordFormat, type Step } from './record.ts';
import { type Section, beginSection, byteOrder } from './section.ts';
import { takeStatistics } from './statisticsBlock.ts';
import { ENDED, READY, type Window } from './window.ts';

/**
 * Reads the blocks of a pcapng file, one with each step. Nothing of a block is believed before the whole of it is there and
 * both its lengths agree.
 */
export class PcapngBlocks implements RecordFormat {
  readonly #window: Window;
  readonly #section: Section;
  readonly #options = new OptionCursor();

  /** @param interfaces where those that the file describes are listed */
  constructor(window: Window, interfaces: CaptureInterface[]) {
    this.#window = window;
    this.#section = { isLittleEndian: true, interfaces, firstInterface: 0 };
  }

  /** Byte order of the section at hand. */
  get isLittleEndian(): boolean {
    return this.#section.isLittleEndian;
  }

  step(record: PacketRecord): Step {
    const window = this.#window;
    if (window.available < BLOCK_BYTES) {
      const fill = window.fill(BLOCK_BYTES);
      if (fill !== READY) return fill === ENDED ? this.#end(BLOCK_BYTES) : fill;
    }
    const isSection = window.view.getUint32(window.position, true) === SECTION_HEADER_BLOCK;
    const isLittleEndian = isSection ? this.#byteOrder() : this.#section.isLittleEndian;
    const length = window.view.getUint32(window.position + TOTAL_LENGTH, isLittleEndian);
    const fault = faultOfLength(length);
    if (fault !== undefined) throw window.damage(fault);
    if (window.available < length) {
      const fill = window.fill(length);
      if (fill !== READY) return fill === ENDED ? this.#end(length) : fill;
    }
    const trailer = window.view.getUint32(window.position + length - TRAILER_BYTES, isLittleEndian);
    if (trailer !== length) throw window.damage(`the block length ${length} is ${trailer} at the end of the block`);
    return this.#take(record, length, isLittleEndian);
  }

  /** Takes in the block at the window's position, which is there as a whole. */
  #take(record: PacketRecord, length: number, isLittleEndian: boolean): Step {
    const window = this.#window;
    const { view, position } = window;
    let step: Step = PASSED;
    let fault: string | undefined;
    const type = view.getUint32(position, isLittleEndian);
    switch (type) {
      case ENHANCED_PACKET_BLOCK:
      case PACKET_BLOCK: {
        const isObsolete = type === PACKET_BLOCK;
        fault = readPacketBlock(record, this.#section, view, position, length, this.#options, isObsolete);
        step = PACKET;
        break;
      }
      case SIMPLE_PACKET_BLOCK:
        fault = readSimplePacketBlock(record, this.#section, view, position, length);
        step = PACKET;
        break;
      case INTERFACE_DESCRIPTION_BLOCK:
        fault = addInterface(this.#section, view, position, length, this.#options);
        break;
      case INTERFACE_STATISTICS_BLOCK:
        fault = takeStatistics(this.#section, view, position, length, this.#options);
        break;
      case SECTION_HEADER_BLOCK:
        fault = beginSection(this.#section, view, position, length, isLittleEndian);
        break;
    }
    if (fault !== undefined) throw window.damage(fault);
    window.position = position + length;
    return step;
  }

  #byteOrder(): boolean {
    const { view, position } = this.#window;
    const isLittleEndian = byteOrder(view, position);
    if (isLittleEndian === undefined) throw this.#window.damage('the byte-order magic of a section is neither order');
    return isLittleEndian;
  }

  #end(wanted: number): Step {
    const { available } = this.#window;
    if (available > 0)
      throw this.#window.damage(`it ends within a block: ${available} of at least ${wanted} bytes are there`);
    return ENDED;
  }
}
