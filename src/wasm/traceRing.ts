import * as A from '../../assembly/abi.ts';

/** Reads what a debug build noted of its packets. */
export class TraceRing {
  readonly #view: DataView;
  readonly #address: number;
  readonly #messages: readonly string[];
  #read = 0;

  constructor(view: DataView, address: number, messages: readonly string[]) {
    this.#view = view;
    this.#address = address;
    this.#messages = messages;
  }

  /** Says what is new, oldest first; what was overwritten before it was read is only counted. */
  drain(say: (message: string) => void): void {
    const written = this.#view.getUint32(this.#address, true);
    const fresh = (written - this.#read) >>> 0;
    if (fresh === 0) return;
    const shown = Math.min(fresh, A.TRACE_COUNT);
    if (shown < fresh) say(`${fresh - shown} trace messages were overwritten`);
    for (let i = written - shown; i < written; i++) say(this.#text(i % A.TRACE_COUNT));
    this.#read = written;
  }

  /** `{}` in a message stands for the next of its values. */
  #text(place: number): string {
    const record = this.#address + A.TRACE_HEADER_BYTES + place * A.TRACE_RECORD_BYTES;
    const message = this.#messages[this.#view.getUint32(record + A.TRACE_MESSAGE, true)] ?? 'unknown message';
    let value = 0;
    const text = message.replaceAll('{}', () =>
      String(this.#view.getFloat64(record + A.TRACE_VALUES + 8 * (value++ % 3), true)),
    );
    return `packet ${this.#view.getUint32(record + A.TRACE_PACKET, true)}: ${text}`;
  }
}
