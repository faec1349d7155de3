// What a user's own filters cost: alone, beside the simplest filter, and in a line, beside a line without any.

import {
  MIXED_KINDS,
  MIXED_SIZES,
  filterCase,
  iperfGroup,
  linePath,
  microGroup,
  programPath,
  relayGroup,
  traffic,
} from 'tapline/bench';
import noTelnet from './filters/noTelnet.js';

/**
 * @param own the filters, what a line makes them of again in a process of its own, and options for its Node
 */
export function ownGroups({ filters, inLine, nodeOptions }) {
  const frames = (seed) => traffic({ seed, sizes: MIXED_SIZES, mix: MIXED_KINDS });
  const reference = 'two tests of header fields';
  const names = filters.map(({ manifest: { name } }, i) => (isTaken(filters, i) ? `${name} #${i + 1}` : name));
  const paths = [
    programPath('C read/write', { program: 'relay' }),
    linePath('line, no filter'),
    linePath(`line, ${names.join(' + ')}`, { filters: inLine, nodeOptions }),
  ];
  return [
    microGroup({
      ...{ name: 'filter', title: 'Your filters, each alone, over mixed packets', reference },
      cases: [
        filterCase(reference, noTelnet, { frames }),
        ...filters.map((filter, i) => filterCase(names[i], filter, { frames })),
      ],
    }),
    relayGroup({
      ...{ name: 'relay-60', title: 'Relay of 60-byte frames through your filters, TAP to TAP', frameBytes: 60 },
      ...{ paths, reference: 'line, no filter' },
    }),
    iperfGroup({
      ...{ name: 'tcp', title: 'iperf3 TCP through your filters, all offloads', protocol: 'tcp', offloads: 'all' },
      ...{ paths, reference: 'line, no filter' },
    }),
  ];
}

/** Two filters may have one name, or that of the yardstick. */
function isTaken(filters, index) {
  const { name } = filters[index].manifest;
  return name === 'two tests of header fields' || filters.findIndex(({ manifest }) => manifest.name === name) < index;
}
