;; rateLimit.wasm is made of this; test/bench/filters.test.ts makes it anew
;; and compares. A token bucket for each of 256 flows: a
;; thousand packets a second, a hundred at once.
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
        ;; The bucket of the flow, 16 bytes of the state: tokens, and when they were counted last.
        (local.set $bucket (i32.add (i32.load offset=48 (local.get $call))
          (i32.shl (i32.and (i32.load offset=24 (local.get $descriptor)) (i32.const 255)) (i32.const 4))))
        (local.set $tokens (i64.add
          (i64.load (local.get $bucket))
          (i64.div_u
            (i64.mul
              (i64.sub (i64.load offset=24 (local.get $call)) (i64.load offset=8 (local.get $bucket)))
              (i64.const 1000))
            (i64.const 1000000000))))
        (if (i64.gt_u (local.get $tokens) (i64.const 100)) (then (local.set $tokens (i64.const 100))))
        (i64.store offset=8 (local.get $bucket) (i64.load offset=24 (local.get $call)))
        (if (i64.eqz (local.get $tokens))
          (then (i32.store8 (local.get $outcome) (i32.const 2)))
          (else (local.set $tokens (i64.sub (local.get $tokens) (i64.const 1)))))
        (i64.store (local.get $bucket) (local.get $tokens))
        (local.set $position (i32.add (local.get $position) (i32.const 1)))
        (br $next)))))
