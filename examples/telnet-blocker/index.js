// Made of filter.json by `tapline build`: changes are lost.
import { wasmFilter } from 'tapline';

const telnetBlocker = await wasmFilter(new URL('./build/filter.wasm', import.meta.url));
export default telnetBlocker;
