// From the text of an expression to a function that can be called.

import { execFileSync } from 'node:child_process';
import { functionCase } from 'tapline/bench';
import { compileExpression } from '../../dist/src/pcap/compile.js';
import { judgeModule } from '../../dist/src/pcap/wasm/batch.js';

const expression = (port) => `tcp port ${port} and not src net 10.0.0.0/8`;

export const pcapCompile = {
  name: 'pcap-compile',
  title: `'${expression(80)}' to a function`,
  kind: 'micro',
  metrics: [{ name: 'time', unit: 'µs', better: 'less' }],
  size: {
    quick: { rounds: 3, sampleMs: 60 },
    default: { rounds: 9, sampleMs: 60 },
    full: { rounds: 25, sampleMs: 60 },
  },
  cases: [
    functionCase('again', () => {
      let port = 0;
      return { packets: 1000, run: () => toFunction(expression((port = (port + 1) & 0xffff))) };
    }),
    { name: 'first of a process', open: () => ({ sample: () => ({ time: inNewProcess('first') }) }) },
    { name: 'import of the compiler', open: () => ({ sample: () => ({ time: inNewProcess('import') }) }) },
  ],
};

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

function toFunction(text) {
  const module = judgeModule({ ethernet: compileExpression(text) }, { verdict: 0 }, { verdict: 2 });
  return new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports.judge;
}

/** Microseconds of one step, where nothing was loaded or compiled before. */
function inNewProcess(step) {
  const [compile, batch] = ['compile', 'wasm/batch'].map((name) =>
    JSON.stringify(new URL(`../../dist/src/pcap/${name}.js`, import.meta.url).href),
  );
  const script = `
    const times = {};
    const timed = async (step, run) => {
      const start = performance.now();
      const result = await run();
      times[step] = (performance.now() - start) * 1000;
      return result;
    };
    const [{ compileExpression }, { judgeModule }] = await timed('import', async () => [await import(${compile}), await import(${batch})]);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    await timed('first', () => {
      const module = judgeModule({ ethernet: compileExpression(${JSON.stringify(expression(80))}) }, { verdict: 0 }, { verdict: 2 });
      return new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } });
    });
    console.log(times[${JSON.stringify(step)}]);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}
