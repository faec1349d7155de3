import { join } from 'node:path';
import { type FilterPackage, readFilterPackage } from './declaration.ts';
import { entrySource } from './entry.ts';
import { generateAssembly } from './generate.ts';
import { manifestOf } from './manifest.ts';
import {
  exportedNames,
  findAllocations,
  findTraces,
  isAuthors,
  type Place,
  replaceMessage,
  type Trace,
} from './sources.ts';
import { SOURCE, type Node, type Source } from './syntax.ts';
import { writeFile } from './writeFile.ts';

/** What asc gives to a transform, as far as it is used here. */
interface Program {
  readonly options: { readonly debugInfo: boolean };
  readonly parser: Parser;
  error(code: number, range: Node['range'] | null, text: string): void;
}
interface Parser {
  readonly sources: Source[];
  parseFile(text: string, path: string, isEntry: boolean): void;
}
interface Module {
  addCustomSection(name: string, bytes: Uint8Array): void;
  getFunction(name: string): number;
  getNumDataSegments(): number;
}

/** asc's code of a message that brings its own text. */
const USER_DEFINED = 102;
const SDK = '~lib/tapline/assembly/filter';

/**
 * The compiler transform that `asconfig.filter.json` names: makes a filter module of an author's `filter(packet)`. It
 * writes `assembly/generated.ts`, puts in the loop over the batch and the manifest, and says of allocations and traces
 * that do not belong where they stand. asc makes an instance of the default export for each compilation.
 */
export default class FilterTransform {
  declare readonly program: Program;
  declare readonly baseDir: string;
  readonly #package: FilterPackage;
  #messages: string[] = [];
  #allocations: Place[] = [];

  constructor() {
    // asc reads sources only after this: generated.ts is never stale.
    this.#package = readFilterPackage(this.baseDir);
    writeGenerated(this.#package);
  }

  /** Runs when the author's files and the SDK were read. */
  afterParse(parser: Parser): void {
    const authors = parser.sources.filter(isAuthors);
    const entry = authors.find(({ sourceKind }) => sourceKind === SOURCE.userEntry);
    if (entry === undefined) return;
    this.#takeTraces(authors.flatMap(findTraces), parser);
    this.#allocations = authors.flatMap(findAllocations);
    const names = exportedNames(entry);
    if (!names.includes('filter')) {
      this.#fail(entry.range, 'A filter exports: export function filter(packet: Packet): Verdict');
      return;
    }
    // What the author exports is for the loop; the module has the exports of the ABI only.
    entry.sourceKind = SOURCE.user;
    const text = entrySource(`./${entry.internalPath}`, names, this.#package.declaration, this.#messages.length > 0);
    parser.parseFile(text, 'tapline-entry.ts', true);
  }

  /** Runs when all that is reachable was compiled, and before it is optimized. */
  afterCompile(module: Module): void {
    this.#checkMemory(module);
    this.#checkEdits(module);
    const manifest = JSON.stringify(manifestOf(this.#package, this.#messages));
    module.addCustomSection('tapline.manifest', new TextEncoder().encode(manifest));
  }

  /** Texts go into the manifest of a debug build, numbers stay in the code. */
  #takeTraces(traces: readonly Trace[], parser: Parser): void {
    if (!this.program.options.debugInfo) {
      for (const { range } of traces) this.#fail(range, 'trace(…) is for debug builds: remove it');
      return;
    }
    this.#messages = [...new Set(traces.map(({ message }) => message))];
    for (const trace of traces) replaceMessage(trace, this.#messages.indexOf(trace.message), parser);
  }

  #checkMemory(module: Module): void {
    if (this.#package.declaration.heap === true) return;
    const hasData = module.getNumDataSegments() > 0;
    const allocates = ['stub', 'tlsf', 'tcms', 'itcms'].some((rt) => module.getFunction(`~lib/rt/${rt}/__new`) !== 0);
    if (!hasData && !allocates) return;
    const what = allocates ? 'This allocates memory' : 'This needs static data';
    const text = `${what}, which costs time for every packet and rules out running in place: do without, or declare "heap": true in filter.json`;
    for (const { range } of this.#allocations) this.#fail(range, text);
    if (this.#allocations.length === 0) this.#fail(null, text.replace('This', 'The filter'));
  }

  #checkEdits(module: Module): void {
    const { writes = false, headroom = 0 } = this.#package.declaration;
    const edits = [
      `${SDK}/write/write`,
      `${SDK}/packetWindow/PacketWindow#push`,
      `${SDK}/packetWindow/PacketWindow#pop`,
    ];
    if (!writes && edits.some((name) => module.getFunction(name) !== 0)) {
      this.#fail(null, 'The filter changes packets: declare "writes": true in filter.json');
    }
    if (headroom === 0 && module.getFunction(`${SDK}/packetWindow/PacketWindow#push`) !== 0) {
      this.#fail(null, 'The filter pushes bytes: declare how many, at most, as "headroom" in filter.json');
    }
  }

  #fail(range: Node['range'] | null, text: string): void {
    this.program.error(USER_DEFINED, range, text);
  }
}

/** Only what has changed is written: watchers look at times. */
export function writeGenerated({ folder, declaration }: FilterPackage): void {
  writeFile(join(folder, 'assembly/generated.ts'), generateAssembly(declaration));
}
