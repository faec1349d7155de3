import type { DevicesOptions } from './bridge.ts';

/** The lines that every kind of traffic has to get through: both kinds of device, with and without offloads. */
export const lineVariants: readonly { readonly title: string; readonly options: DevicesOptions }[] = (
  ['tap', 'tun'] as const
).flatMap((kind) =>
  (['all', 'none'] as const).map((offloads) => ({
    title: `a ${kind} line with offloads ${offloads}`,
    options: { kind, offloads },
  })),
);
