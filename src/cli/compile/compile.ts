import { compileExpression } from '../../pcap/compile.ts';
import { type LinkType, linkLayouts } from '../../pcap/linkType.ts';
import type { Program } from '../../pcap/program/bpf.ts';
import { cArray, disassemble, numbers } from '../../pcap/program/print.ts';
import { passModule } from '../../pcap/wasm/batch.ts';
import { watText } from '../../pcap/wasm/wat.ts';
import { suggest } from '../../suggest.ts';
import { EXIT_OK } from '../exitCodes.ts';
import { type Given, has, valueOf, valuesOf } from '../given.ts';
import { print } from '../output.ts';
import { UsageError } from '../usageError.ts';

/**
 * `tapline compile`: compiles an expression and prints what became of it.
 *
 * @returns the exit code
 */
export function compile(given: Given): number {
  const [expression] = given.operands;
  if (expression === undefined) throw new UsageError("Nothing to compile: tapline compile 'tcp port 80'");
  const link = linkOf(valueOf(given, 'link') ?? 'ethernet');
  const program = compileExpression(expression, { link });
  print(format(given, expression, link, program));
  return EXIT_OK;
}

function linkOf(text: string): LinkType {
  const links = Object.keys(linkLayouts) as LinkType[];
  const link = links.find((name) => name === text);
  if (link !== undefined) return link;
  throw new UsageError(`Unknown link type ${text}${suggest(text, links) || `: known are ${links.join(', ')}`}`);
}

const DUMPS = [disassemble, disassemble, cArray, numbers];

function format(given: Given, expression: string, link: LinkType, program: Program): string {
  const dumps = valuesOf(given, 'dump').length;
  const [wat, json] = [has(given, 'wat'), has(given, 'json')];
  if (Number(dumps > 0) + Number(wat) + Number(json) > 1)
    throw new UsageError('-d, --wat and --json exclude each other');
  if (json) return JSON.stringify({ schema: 1, expression, link, program });
  if (wat) {
    const programs = link === 'ethernet' ? { ethernet: program } : { ip: program };
    return watText(passModule(programs));
  }
  const dump = DUMPS[dumps];
  if (dump === undefined) throw new UsageError('-d may be given three times at most');
  return dump(program);
}
