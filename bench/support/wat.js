import binaryen from 'binaryen';

const MEMORY = '(import "env" "memory" (memory 0 65536 shared))';

/**
 * A filter in WAT whose `body` judges one packet; `$call`, `$descriptor`, `$outcome` and `$frame` are at hand. Optimized,
 * as a compiler would leave it.
 */
export function filterOf(body, manifest = {}) {
  const module = binaryen.parseText(`(module
    ${MEMORY}
    (func (export "tapline_judge") (param $call i32)
      (local $position i32) (local $index i32) (local $descriptor i32) (local $outcome i32) (local $frame i32)
      (local $number i64)
      (local.set $position (i32.load offset=16 (local.get $call)))
      (block $done
        (loop $next
          (br_if $done (i32.ge_u (local.get $position) (i32.load (local.get $call))))
          (i32.store offset=20 (local.get $call) (local.get $position))
          (local.set $index (i32.load16_u
            (i32.add (i32.load offset=4 (local.get $call)) (i32.shl (local.get $position) (i32.const 1)))))
          (local.set $descriptor
            (i32.add (i32.load offset=8 (local.get $call)) (i32.shl (local.get $index) (i32.const 6))))
          (local.set $outcome
            (i32.add (i32.load offset=12 (local.get $call)) (i32.shl (local.get $index) (i32.const 4))))
          (local.set $frame (i32.load (local.get $descriptor)))
          (block $judged ${body})
          (local.set $position (i32.add (local.get $position) (i32.const 1)))
          (br $next)))))`);
  module.setFeatures(binaryen.Features.All);
  module.optimize();
  const text = JSON.stringify({ abi: 1, name: 'bench', version: '1.0.0', ...manifest });
  module.addCustomSection('tapline.manifest', new TextEncoder().encode(text));
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}
