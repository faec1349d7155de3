import { describe, expect, it } from 'vitest';

import { attachBpfFilter, type BpfInstruction } from '../../src/device/bpfFilter.ts';
import { sockFilter } from '../../src/sys/sockFilter.ts';
import { fakeKernel } from './support/fakeLibc.ts';

const accept: BpfInstruction = { code: 6, jt: 0, jf: 0, k: 0xffffffff };

describe('attachFilter', () => {
  const { libc, calls } = fakeKernel();
  const attach = (program: unknown) => () => {
    attachBpfFilter({ libc, fd: 1, name: 'fake0' }, program as BpfInstruction[]);
  };

  it('refuses what is no program, before any system call', () => {
    expect(attach('x')).toThrow('Expected a list of instructions, got string');
    expect(attach([])).toThrow('Expected 1 to 4096 instructions, got 0');
    expect(attach(new Array(4097).fill(accept))).toThrow(RangeError);
    expect(attach([null])).toThrow('Expected instruction 0 to be { code, jt, jf, k }, got null');
    expect(attach([accept, { ...accept, kk: 1 }])).toThrow("Unknown option kk: did you mean 'k'?");
    expect(attach([{ code: 6, jt: 0, jf: 0 }])).toThrow('Expected k of instruction 0 to be a number, got undefined');
    for (const [name, maximum] of Object.entries({ code: 0xffff, jt: 255, jf: 255, k: 0xffffffff })) {
      for (const value of [-1, maximum + 1, 0.5, NaN]) {
        expect(attach([{ ...accept, [name]: value }])).toThrow(
          new RangeError(`Expected ${name} of instruction 0 to be from 0 to ${maximum}, got ${value}`),
        );
      }
    }
    expect(calls).toEqual([]);
    attach([accept])();
    expect(calls).toEqual(['ioctl 0x401054d5']);
  });

  it('says what a refusal of the kernel means', () => {
    const refusing = fakeKernel(() => -22).libc;
    expect(() => {
      attachBpfFilter({ libc: refusing, fd: 1, name: 'tap0' }, [accept]);
    }).toThrow('Cannot set up tap0: ioctl(TUNATTACHFILTER) failed with EINVAL: the kernel refused the program of 1');
  });
});

describe('sockFilter', () => {
  it('lays the program out as the kernel reads it', () => {
    const { libc } = fakeKernel();
    const { argument, code } = sockFilter(libc, [{ code: 0x1234, jt: 5, jf: 6, k: 0xdeadbeef }, accept]);
    expect([...code]).toEqual([0x34, 0x12, 5, 6, 0xef, 0xbe, 0xad, 0xde, 6, 0, 0, 0, 255, 255, 255, 255]);
    expect([...argument]).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0]);
  });
});
