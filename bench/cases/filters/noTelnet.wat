;; noTelnet.js once more, for the core's own machine: drops TCP to port 23. noTelnet.wasm is made of this;
;; test/bench/filters.test.ts makes it anew and compares.
(module
  (import "env" "memory" (memory 0 65536 shared))
  (func (export "tapline_judge") (param $call i32)
    (local $position i32) (local $index i32) (local $descriptor i32)
    (local.set $position (i32.load offset=16 (local.get $call)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $position) (i32.load (local.get $call))))
        (i32.store offset=20 (local.get $call) (local.get $position))
        (local.set $index (i32.load16_u
          (i32.add (i32.load offset=4 (local.get $call)) (i32.shl (local.get $position) (i32.const 1)))))
        (local.set $descriptor
          (i32.add (i32.load offset=8 (local.get $call)) (i32.shl (local.get $index) (i32.const 6))))
        (if (i32.and
              (i32.ne (i32.and (i32.load offset=12 (local.get $descriptor)) (i32.const 0x20)) (i32.const 0))
              (i32.eq (i32.load16_u offset=48 (local.get $descriptor)) (i32.const 23)))
          (then (i32.store8
            (i32.add (i32.load offset=12 (local.get $call)) (i32.shl (local.get $index) (i32.const 4)))
            (i32.const 2))))
        (local.set $position (i32.add (local.get $position) (i32.const 1)))
        (br $next)))))
