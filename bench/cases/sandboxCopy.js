// The way of a batch into a filter's sandbox and back, without any filter.

import { MIXED_KINDS, MIXED_SIZES, functionCase, microGroup, traffic, twinCase } from 'tapline/bench';
import { BLOCK_ALIGNMENT } from '../../dist/assembly/abi.js';
import * as L from '../../dist/assembly/layout.js';
import { fillArena } from '../../dist/src/bench/micro/filledArena.js';
import { nativeCopies, plainCopies } from '../../dist/src/pipeline/copies.js';
import { loadLibc } from '../../dist/src/sys/libc.js';
import { planBlock } from '../../dist/src/wasm/block.js';
import { Sandbox } from '../../dist/src/wasm/sandbox.js';

const PAGE_BYTES = 65_536;
const WINDOW = 128;
const frames = (seed) => traffic({ seed, sizes: MIXED_SIZES, mix: MIXED_KINDS });
const native = async () => nativeCopies(await loadLibc());

export const sandboxCopy = microGroup({
  name: 'sandbox-copy',
  title: `Copy of a batch of mixed packets into a sandbox, ${WINDOW} bytes of each, and back`,
  reference: 'C',
  cases: [
    twinCase('C', { program: 'sandboxCopy', frames, answers: (all) => all.map(digester(all)) }),
    copyCase('core, for a filter that reads', { writes: false }, native),
    copyCase('core, for a filter that writes', { writes: true }, native),
    copyCase('core, without the C library', { writes: false }, () => plainCopies),
  ],
});

function copyCase(name, { writes }, copies) {
  return functionCase(name, async ({ seed }) => {
    const { sandbox, count } = fill(frames(seed), writes, await copies());
    return {
      packets: count,
      run() {
        sandbox.bringIn(count);
        sandbox.takeBack(count);
      },
    };
  });
}

function fill(all, writes, bindCopy) {
  const { arena, count } = fillArena(all);
  const manifest = { name: 'none', window: WINDOW, headroom: 0, writes };
  const plan = planBlock(manifest);
  const pages = Math.ceil((BLOCK_ALIGNMENT + plan.bytes) / PAGE_BYTES);
  const memory = { address: BLOCK_ALIGNMENT, initial: pages, maximum: pages };
  return { sandbox: new Sandbox({ manifest, plan, memory, origin: 'the benchmark' }, { arena, bindCopy }), count };
}

/** FNV-1a over what a filter would see of a frame. */
function digester(all) {
  const { sandbox, count } = fill(all, false, plainCopies);
  sandbox.bringIn(count);
  return ({ length }, i) => {
    const start = sandbox.view.getUint32(sandbox.packets.descriptors + i * L.DESCRIPTOR_BYTES, true);
    let hash = 2166136261;
    for (const byte of sandbox.bytes.subarray(start, start + Math.min(WINDOW, length))) {
      hash = Math.imul(hash ^ byte, 16777619);
    }
    return hash >>> 0;
  };
}
