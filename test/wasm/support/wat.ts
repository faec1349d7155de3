import binaryen from 'binaryen';

/** What a test says in its manifest beside what every one needs. */
export type ManifestFields = Readonly<Record<string, unknown>>;

export const MEMORY = '(import "env" "memory" (memory 0 65536 shared))';

/** A module of WAT with a manifest; `manifest` null: without. `isOptimized`: as a compiler would leave it. */
export function assemble(
  text: string,
  manifest: ManifestFields | string | null = {},
  { isOptimized = false } = {},
): Uint8Array {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  try {
    if (isOptimized) module.optimize();
    if (manifest !== null) module.addCustomSection('tapline.manifest', manifestBytes(manifest));
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/** A complete manifest. */
export function manifestOf(fields: ManifestFields = {}): ManifestFields {
  return { abi: 1, name: 'wat', version: '1.0.0', ...fields };
}

function manifestBytes(manifest: ManifestFields | string): Uint8Array {
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifestOf(manifest));
  return new TextEncoder().encode(text);
}

/**
 * A filter in WAT whose `body` judges one packet: `$call`, `$descriptor`, `$outcome` and `$frame` are at hand. The loop
 * around it is what docs/filter-abi.md asks for.
 */
export function filterOf(
  body: string,
  manifest: ManifestFields = {},
  { memory = MEMORY, more = '', locals = '' } = {},
): Uint8Array {
  return assemble(
    `(module
      ${memory}
      ${more}
      (func (export "tapline_judge") (param $call i32)
        (local $position i32) (local $index i32) (local $descriptor i32) (local $outcome i32) (local $frame i32)
        ${locals}
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
            (br $next)))))`,
    manifest,
  );
}

/** WAT that drops the packet for a reason that counts from 1. */
export const drop = (reason = 0): string =>
  `(i32.store8 (local.get $outcome) (i32.const 2)) (i32.store16 offset=4 (local.get $outcome) (i32.const ${reason}))`;

/** WAT of the packet's destination port. */
export const destinationPort = '(i32.load16_u offset=48 (local.get $descriptor))';

/** WAT that adds 1 to a counter. */
export const count = (number: number): string => `
  (i64.store offset=${8 * number} (i32.load offset=44 (local.get $call))
    (i64.add (i64.load offset=${8 * number} (i32.load offset=44 (local.get $call))) (i64.const 1)))`;
