// noTelnet.wasm, trusted, for lines of a process of their own.
import { wasmFilter } from 'tapline';

export default await wasmFilter(new URL('./noTelnet.wasm', import.meta.url), { trusted: true });
