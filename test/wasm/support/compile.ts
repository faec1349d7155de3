import { ByteWriter } from '../../../src/wasm/byteWriter.ts';
import { type ManifestFields, manifestOf } from './wat.ts';

/** What is used of asc. Its own types would change those of JavaScript for all that is compiled with this file. */
interface Asc {
  main(
    args: readonly string[],
    host: {
      readFile(name: string): string | null;
      writeFile(name: string, contents: string | Uint8Array): void;
      listFiles(): string[];
    },
  ): Promise<{ readonly error: Error | null }>;
}

const ASC = 'assemblyscript/asc' as string;

/** A module, and the source map of it. */
export interface Compiled {
  readonly bytes: Uint8Array;
  readonly sourceMap: string;
}

/** Compiles AssemblyScript as it stands, without the SDK. */
export async function compile(source: string, manifest: ManifestFields, options: readonly string[]): Promise<Compiled> {
  const { default: asc } = (await import(ASC)) as { readonly default: Asc };
  const written = new Map<string, string | Uint8Array>();
  const { error } = await asc.main(
    ['filter.ts', '--outFile', 'filter.wasm', '--sourceMap', '--optimizeLevel', '3', ...MEMORY, ...options],
    {
      readFile: (name) => (name === 'filter.ts' ? source : null),
      writeFile: (name, contents) => void written.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error !== null) throw error;
  const bytes = written.get('filter.wasm') as Uint8Array;
  return { bytes: withManifest(bytes, manifest), sourceMap: String(written.get('filter.wasm.map')) };
}

const MEMORY = [
  ...['--importMemory', '--noExportMemory', '--sharedMemory', '--zeroFilledMemory', '--maximumMemory', '65536'],
  ...['--enable', 'threads', '--use', 'abort='],
];

/** Puts the manifest behind the module: code stays where the source map says it is. */
function withManifest(bytes: Uint8Array, manifest: ManifestFields): Uint8Array {
  const content = new ByteWriter().name('tapline.manifest');
  content.copy(new TextEncoder().encode(JSON.stringify(manifestOf(manifest))));
  return new ByteWriter().copy(bytes).put(0).u32(content.length).copy(content.bytes).bytes.slice();
}
