import { closeSync, readSync } from 'node:fs';
import { failedCall } from './damage.ts';
import type { ByteSource } from './source.ts';

/** A file of known length, read in large pieces: the page cache answers faster than any thread could be asked. */
export class FileSource implements ByteSource {
  readonly #name: string;
  readonly #fd: number;
  readonly #size: number;
  readonly #closes: boolean;
  #isOpen = true;
  #readBytes = 0;

  /**
   * @param size bytes of the file, for `progress` only; 0: not known
   * @param closes whether `close` closes the descriptor
   */
  constructor(name: string, fd: number, size: number, closes: boolean) {
    this.#name = name;
    this.#fd = fd;
    this.#size = size;
    this.#closes = closes;
  }

  read(target: Uint8Array, offset: number, length: number): number {
    try {
      const count = readSync(this.#fd, target, offset, length, null);
      this.#readBytes += count;
      return count;
    } catch (error) {
      throw failedCall(this.#name, 'read', error);
    }
  }

  /** Never asked: a file always has an answer. */
  awaitData(callback: () => void): void {
    setImmediate(callback);
  }

  progress(): number | undefined {
    return this.#size === 0 ? undefined : Math.min(1, this.#readBytes / this.#size);
  }

  close(): void {
    if (this.#isOpen && this.#closes) closeSync(this.#fd);
    this.#isOpen = false;
  }
}
