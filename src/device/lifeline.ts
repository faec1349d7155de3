/** Something that holds descriptors, and must not know the object through which callers use it. */
export interface Held {
  close(): void;
}

/** Closes what `held` holds when `owner` is collected without having been closed. */
export function watch(owner: object, held: Held): void {
  lost.register(owner, held, owner);
}

/** To be called when `owner` is closed in an orderly way. */
export function unwatch(owner: object): void {
  lost.unregister(owner);
}

const lost = new FinalizationRegistry<Held>((held) => {
  held.close();
});
