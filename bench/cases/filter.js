// One filter over a batch of dissected packets, in every kind that there is. Another kind is another line in `cases`.

import { wasmFilter } from 'tapline';
import { filterCase, microGroup, traffic, twinCase } from 'tapline/bench';
import noTelnet from './filters/noTelnet.js';

const frames = (seed) => traffic({ seed, mix: { tcp4: 1, udp4: 1 } });
const compiled = (options) => wasmFilter(new URL('./filters/noTelnet.wasm', import.meta.url), options);

export const filter = microGroup({
  name: 'filter',
  title: 'A filter with two tests of header fields',
  reference: 'C',
  cases: [
    twinCase('C', { program: 'filter', frames }),
    filterCase('TypeScript', noTelnet, { frames }),
    filterCase('compiled, in place', await compiled({ trusted: true }), { frames }),
    filterCase('compiled, sandboxed', await compiled(), { frames }),
    filterCase('compiled, sandboxed, not metered', await compiled({ metered: false }), { frames }),
  ],
});
