import { describe, expect, it } from 'vitest';

import { type Check, checksOf } from '../../src/cli/doctor/checks.ts';
import type { Facts } from '../../src/cli/doctor/facts.ts';
import { report } from '../../src/cli/doctor/report.ts';
import { TaplineError } from '../../src/errors.ts';
import { tapline } from './support/tapline.ts';

const good: Facts = {
  node: '20.20.2',
  platform: 'linux',
  arch: 'x64',
  kernel: '6.18.0',
  userId: 0,
  capabilities: 0x1ffffffffffn,
  tun: {
    library: 'libc.so.6',
    nodeExists: true,
    canOpen: true,
    featureBits: 0x7173,
    features: ['tun', 'tap', 'multiQueue', 'noPi', 'vnetHdr'],
    canCreate: true,
    headerBytes: 12,
    offloads: ['csum', 'tso4', 'tso6', 'tsoEcn', 'uso4', 'uso6'],
    ioUring: { isAllowed: true, error: null, disabledSetting: 0 },
    problem: null,
  },
  engine: { engine: 'uring', reason: null, ring: { submissions: 256, completions: 1024 }, isShort: false },
  hasUserNamespaces: true,
  typescript: 'native',
};

const without = { engine: 'readloop', reason: 'it needs Linux 6.7', ring: null, isShort: false } as const;

function check(name: string, facts: Facts): Check | undefined {
  return checksOf(facts).find((one) => one.name === name);
}

describe('checksOf', () => {
  it('has nothing to say where all is well', () => {
    expect(checksOf(good).every(({ status, remedy }) => status === 'ok' && remedy === null)).toBe(true);
  });

  it('has a remedy for everything else', () => {
    const bad: Facts = {
      ...good,
      node: '18.20.0',
      capabilities: 0n,
      userId: 1000,
      tun: {
        ...good.tun,
        library: null,
        nodeExists: false,
        canOpen: false,
        features: [],
        canCreate: false,
        offloads: [],
        problem: new TaplineError('NO_TUN_NODE', 'no node'),
      },
      engine: without,
      hasUserNamespaces: false,
      typescript: 'none',
    };
    for (const { status, remedy } of checksOf(bad)) {
      expect(status).not.toBe('ok');
      expect(remedy).toMatch(/./);
    }
  });

  it.each([
    ['20.18.9', 'fail'],
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
  ])('judges node %s: %s', (node, status) => {
    expect(check('node', { ...good, node })?.status).toBe(status);
  });

  it('looks at bit 12 of the effective capabilities', () => {
    expect(check('CAP_NET_ADMIN', { ...good, capabilities: 1n << 12n })?.status).toBe('ok');
    expect(check('CAP_NET_ADMIN', { ...good, capabilities: ~(1n << 12n) & 0xffffn })?.status).toBe('fail');
  });

  it('sends root without capability to the container, others to root or unshare', () => {
    expect(check('CAP_NET_ADMIN', { ...good, capabilities: 0n })?.remedy).toContain('--cap-add NET_ADMIN');
    expect(check('CAP_NET_ADMIN', { ...good, capabilities: 0n, userId: 1000 })?.remedy).toContain('unshare -Urn');
  });

  it('tells a missing device node from one that may not be opened', () => {
    const closed = { ...good.tun, canOpen: false };
    expect(check('/dev/net/tun', { ...good, tun: closed })?.remedy).toContain('chmod 0666');
    expect(check('/dev/net/tun', { ...good, tun: { ...closed, nodeExists: false } })?.remedy).toContain('mknod');
  });

  it('says how to allow io_uring', () => {
    const ioUring = { isAllowed: false, error: 'EPERM', disabledSetting: 2 };
    expect(check('io_uring', { ...good, engine: without, tun: { ...good.tun, ioUring } })).toMatchObject({
      status: 'warn',
      remedy: 'sudo sysctl kernel.io_uring_disabled=0',
    });
  });
});

describe('checksOf, of the engine', () => {
  it('says how large its rings are, and warns of short ones', () => {
    expect(check('io_uring', good)?.found).toBe('is used, with rings of 256 and 1024 entries');
    const ring = { submissions: 64, completions: 256 };
    expect(check('io_uring', { ...good, engine: { ...good.engine, ring, isShort: true } })).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('64 and 256') as string,
      remedy: expect.stringContaining('ulimit -l') as string,
    });
  });

  it('says why the read loop is used where io_uring as such is allowed', () => {
    expect(check('io_uring', { ...good, engine: without })).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('it needs Linux 6.7') as string,
    });
  });
});

describe('report', () => {
  it('puts the remedy below its check, and the verdict last', () => {
    const lines = report({
      schema: 1,
      ok: false,
      checks: [
        { name: 'a', status: 'ok', found: 'fine', remedy: null },
        { name: 'bb', status: 'fail', found: 'gone', remedy: 'mend it' },
      ],
    });
    expect(lines).toEqual(['ok    a   fine', 'fail  bb  gone', '      → mend it', '', 'Devices cannot be opened.']);
  });
});

describe('tapline doctor', () => {
  it('prints one JSON object whose verdict is the exit code', () => {
    const { code, stdout, stderr } = tapline(['doctor', '--json']);
    const { schema, ok, checks } = JSON.parse(stdout) as { schema: number; ok: boolean; checks: Check[] };
    expect({ schema, stderr, code }).toEqual({ schema: 1, stderr: '', code: ok ? 0 : 1 });
    expect(checks.map(({ name }) => name)).toEqual(checksOf(good).map(({ name }) => name));
  });
});
