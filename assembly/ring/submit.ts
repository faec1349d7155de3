import { Control } from './memory.ts';
import { Submission } from './entries.ts';

/** Entries that the kernel has not taken yet. */
export function unsubmitted(): u32 {
  const control = Control.get();
  return load<u32>(control.sqTail) - atomic.load<u32>(control.sqHead);
}

/** Whether there is room for one more entry. */
export function hasRoom(control: Control): bool {
  return load<u32>(control.sqTail) - atomic.load<u32>(control.sqHead) < control.sqEntries;
}

/** The next free entry, zeroed; ask `hasRoom` first. It counts once `publish` was called. */
export function nextEntry(control: Control): Submission {
  const entry = Submission.of(control, load<u32>(control.sqTail));
  memory.fill(changetype<usize>(entry), 0, 64);
  return entry;
}

export function publish(control: Control): void {
  atomic.store<u32>(control.sqTail, load<u32>(control.sqTail) + 1);
}
