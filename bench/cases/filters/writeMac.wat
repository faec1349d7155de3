;; writeMac.wasm is made of this; test/bench/filters.test.ts makes it anew
;; and compares. It writes to every packet.
(module
  (import "env" "memory" (memory 0 65536 shared))
  (func (export "tapline_judge") (param $call i32)
    (local $position i32) (local $index i32) (local $descriptor i32) (local $outcome i32) (local $frame i32)
    (local $bucket i32) (local $tokens i64)
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
        ;; A byte of the source MAC address, and OUTCOME_FLAG_MODIFIED.
        (i32.store8 offset=6 (local.get $frame) (i32.const 2))
        (i32.store8 offset=1 (local.get $outcome) (i32.const 1))
        (local.set $position (i32.add (local.get $position) (i32.const 1)))
        (br $next)))))
