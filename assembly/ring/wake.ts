import { Control } from './memory.ts';
import { IORING_CQ_EVENTFD_DISABLED, IORING_SQ_CQ_OVERFLOW, IORING_SQ_TASKRUN } from './entries.ts';

/** Tells the kernel whether completions shall wake the event loop. */
export function setWake(isOn: bool): void {
  const cqFlags: usize = Control.get().cqFlags;
  const flags = atomic.load<u32>(cqFlags);
  atomic.store<u32>(cqFlags, isOn ? flags & ~IORING_CQ_EVENTFD_DISABLED : flags | IORING_CQ_EVENTFD_DISABLED);
}

/** Whether there are completions, or the kernel would make some when it is entered. */
export function hasWork(): bool {
  const control = Control.get();
  if (atomic.load<u32>(control.cqTail) != load<u32>(control.cqHead)) return true;
  return mustEnter();
}

/** Whether the kernel has to be entered for what it has. */
export function mustEnter(): bool {
  return (atomic.load<u32>(Control.get().sqFlags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}
