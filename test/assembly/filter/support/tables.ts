import * as L from '../../../../assembly/layout.ts';
import { compile } from '../../../../src/author/compile.ts';
import { readFilterPackage } from '../../../../src/author/declaration.ts';
import { stateLayout } from '../../../../src/author/stateLayout.ts';
import { prefix } from '../../../../src/core/prefix.ts';
import { udpFrame } from '../../../../src/testing/frames.ts';
import { STRIDE, admit, descriptorOf, openLine } from '../../line.ts';
import { FREE_BYTES, runInPlace } from './inPlace.ts';

export const FOLDER = 'test/assembly/filter/tables';

/** One operation; see the fixture's source for the numbers. */
export interface Operation {
  readonly operation: number;
  readonly key?: number;
  readonly rate?: number;
  readonly burst?: number;
  readonly cost?: number;
  readonly prefix?: string;
  readonly now?: bigint;
  readonly seed?: bigint;
  readonly frame?: Uint8Array;
  /** Replaces the descriptor's. */
  readonly flowHash?: number;
}

export interface Tables {
  /** Does it. Returns the result and what the fixture says beside it. */
  do(operation: Operation): { readonly result: bigint; readonly extra: bigint };
  /** All bytes of the state become 0. */
  reset(): void;
}

export async function openTables(): Promise<Tables> {
  const { wasm } = await compile(FOLDER, 'release');
  const { bytes: stateBytes } = stateLayout(readFilterPackage(FOLDER).declaration.state);
  const port = { link: L.LINK_IP, header: 0, offloads: 0, route: 0 };
  const bench = openLine([port], STRIDE, FREE_BYTES);
  const filter = runInPlace(bench, wasm, stateBytes);
  const { view, bytes } = bench;
  return {
    do({
      operation,
      key = 0,
      rate = 0,
      burst = 0,
      cost = 1,
      prefix: text = '::/0',
      now = 0n,
      seed = 1n,
      frame,
      flowHash,
    }) {
      admit(bench, [{ port: 0, frame: frame ?? udpFrame({ link: 'ip' }) }]);
      if (flowHash !== undefined) view.setUint32(descriptorOf(0) + L.DESCRIPTOR_FLOW_HASH, flowHash, true);
      [operation, key, rate, burst, cost].forEach((word, i) => {
        view.setUint32(filter.config + 4 * i, word, true);
      });
      const { version, words, masks } = prefix(text);
      view.setUint32(filter.config + 20, version, true);
      bytes.fill(0, filter.config + 24, filter.config + 56);
      words.forEach((word, i) => {
        view.setUint32(filter.config + 24 + 4 * i, word);
        view.setUint32(filter.config + 40 + 4 * i, masks[i] ?? 0);
      });
      filter.judge({ count: 1, now, seed });
      return { result: view.getBigUint64(filter.state, true), extra: view.getBigUint64(filter.state + 8, true) };
    },
    reset() {
      bytes.fill(0, filter.state, filter.state + stateBytes);
    },
  };
}
