/** Why a module is not used. The loader turns it into a `TaplineError` that also says of which file. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Refuses the module. */
export function refuse(why: string): never {
  throw new Refusal(why);
}
