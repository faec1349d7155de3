import { afterEach, expect, it } from 'vitest';

import { openTap, openTun } from '../../src/device/open.ts';
import { hasLink, ipLink, NOBODY, sh, startAsNobody, whyNotNobody } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { within } from './support/process.ts';

const reason = whyNotNobody();

/** Not a skip, which REQUIRE_NETNS=1 forbids: here it could not have worked. */
function itAsNobody(name: string, body: () => Promise<void>): void {
  it(name, async () => {
    if (reason === null) await body();
    else console.warn(`Not run: ${name}: ${reason}`);
  });
}

const left: string[] = [];
afterEach(() => {
  for (const name of left.splice(0)) if (hasLink(name)) sh('ip', 'link', 'del', name);
});

/** Runs a module as nobody, and returns what it prints as JSON. */
async function report(body: string, ...prefix: string[]): Promise<unknown> {
  const script = `
    import { openTap, openTun } from 'tapline';
    const codes = {};
    const attempt = async (name, work) => {
      try { codes[name] = (await work()) ?? 'ok'; } catch (error) { codes[name] = error.code ?? error.message; }
    };
    ${body}
    console.log(JSON.stringify(codes));`;
  await using child = startAsNobody(script, ...prefix);
  const { code, stdout, stderr } = await within(20_000, child.ended, () => child.stderr);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** As an administrator would prepare it. */
async function prepare(options: Parameters<typeof openTap>[0]): Promise<void> {
  const device = await openTap({ name: 'dev-owned', persist: true, ...options });
  left.push(device.name);
  device.close();
}

describeLive('an owned persistent device, without any rights', () => {
  itAsNobody('can be attached and used', async () => {
    await prepare({ owner: NOBODY, multiQueue: true });
    expect(
      await report(`
        const device = await openTap({ name: 'dev-owned', exclusive: false, multiQueue: true, virtioHeader: true,
          offloads: ['csum', 'tso4'], verifyOffloads: true });
        codes.device = [device.headerBytes, device.offloads, device.isPersistent(), device.mtu()];
        await attempt('write', () => device.writePacket(new Uint8Array(72)));
        await attempt('statistics', () => device.statistics().rx.packets);
        await attempt('setOffloads', () => device.setOffloads(['csum']).join());
        await attempt('setCarrier', () => device.setCarrier(false));
        await attempt('openQueue', () => device.openQueue().headerBytes);
        await attempt('attachFilter', () => device.attachFilter([{ code: 6, jt: 0, jf: 0, k: 0 }]));
        const events = device.events();
        await attempt('setMtu', () => device.setMtu(1400));
        await attempt('setUp', () => device.setUp(false));
        await attempt('rename', () => device.rename('dev-mine'));
        await attempt('setPersist', () => device.setPersist(false));
        device.close();
        await attempt('events', async () => (await events.next()).done);`),
    ).toEqual({
      device: [12, ['csum', 'tso4'], true, 1500],
      write: 'ok',
      statistics: 1,
      setOffloads: 'csum',
      setCarrier: 'ok',
      openQueue: 12,
      attachFilter: 'ok',
      // The interface itself belongs to the administrator.
      setMtu: 'PERMISSION',
      setUp: 'PERMISSION',
      rename: 'PERMISSION',
      setPersist: 'ok',
      events: true,
    });
    expect(hasLink('dev-owned')).toBe(false);
  });

  itAsNobody('hears of what the administrator does', async () => {
    await prepare({ owner: NOBODY });
    await using child = startAsNobody(`
      import { openTap } from 'tapline';
      const device = await openTap({ name: 'dev-owned', exclusive: false });
      console.log('listens');
      for await (const { type } of device.events()) console.log(type);`);
    await child.waitFor(/listens/);
    // Waiting is more than having begun.
    await new Promise((resolve) => setTimeout(resolve, 50));
    sh('ip', 'link', 'set', 'dev-owned', 'mtu', '1400');
    await child.waitFor(/mtu/);
    sh('ip', 'link', 'del', 'dev-owned');
    expect((await child.ended).stdout).toMatch(/^listens\nmtu\n(down\n)?gone\n$/);
  });

  itAsNobody('can be attached by its group', async () => {
    await prepare({ group: NOBODY });
    const body = `await attempt('open', async () => { (await openTap({ name: 'dev-owned', exclusive: false })).close(); });`;
    expect(await report(body)).toEqual({ open: 'ok' });
  });

  itAsNobody('is open to everybody without owner and group, and needs both to fit when it has both', async () => {
    const body = `await attempt('open', async () => { (await openTap({ name: 'dev-owned', exclusive: false })).close(); });`;
    for (const [options, outcome] of [
      [{}, 'ok'],
      [{ owner: NOBODY, group: 0 }, 'PERMISSION'],
      [{ owner: NOBODY, group: NOBODY }, 'ok'],
    ] as const) {
      await prepare(options);
      expect(await report(body), JSON.stringify(options)).toEqual({ open: outcome });
      sh('ip', 'link', 'del', 'dev-owned');
    }
  });

  itAsNobody('needs only rights that it has: what differs is PERMISSION, and no other name goes', async () => {
    await prepare({ owner: NOBODY, up: false });
    const second = await openTun({ name: 'dev-roots', persist: true, owner: 0 });
    left.push('dev-roots');
    second.close();
    expect(
      await report(`
        await attempt('up', () => openTap({ name: 'dev-owned', exclusive: false }));
        await attempt('down', async () => { (await openTap({ name: 'dev-owned', exclusive: false, up: false })).close(); });
        await attempt('mtu', () => openTap({ name: 'dev-owned', exclusive: false, up: false, mtu: 1400 }));
        await attempt('kind', () => openTun({ name: 'dev-owned', exclusive: false, up: false }));
        await attempt('exclusive', () => openTap({ name: 'dev-owned' }));
        await attempt('other', () => openTun({ name: 'dev-roots', exclusive: false, up: false }));
        await attempt('create', () => openTun({ name: 'dev-new' }));
        await attempt('netns', () => openTun({ netns: process.ppid }));`),
    ).toEqual({
      up: 'PERMISSION',
      down: 'ok',
      mtu: 'PERMISSION',
      kind: 'DEVICE_EXISTS',
      exclusive: 'DEVICE_EXISTS',
      other: 'PERMISSION',
      create: 'PERMISSION',
      netns: 'NETNS',
    });
    expect(ipLink('dev-owned')).toMatchObject({ mtu: 1500 });
  });
});

describeLive('unshare -Urn, without any rights', () => {
  itAsNobody('may do everything in a network of its own', async () => {
    expect(
      await report(
        `
        const device = await openTap({ name: 'dev-own', virtioHeader: true, offloads: 'all', verifyOffloads: true,
          multiQueue: true, mtu: 1400, addresses: ['10.231.0.1/24'], persist: true, owner: 0, carrier: true, napi: true,
          txQueueLength: 2000 });
        codes.device = [device.headerBytes, device.offloads.includes('tso4'), device.mtu(), device.isPersistent()];
        await attempt('openQueue', () => device.openQueue().headerBytes);
        const events = device.events();
        device.setMtu(1300);
        await attempt('events', async () => (await events.next()).value.mtu);
        await attempt('rename', () => device.rename('dev-mine'));
        await attempt('name', () => device.name);
        await attempt('owner', () => openTun({ owner: 4000 }));
        await attempt('threaded', () => openTun({ napi: 'threaded' }));
        device.close();`,
        'unshare',
        '-Urn',
      ),
    ).toEqual({
      device: [12, true, 1400, true],
      openQueue: 12,
      events: 1300,
      rename: 'ok',
      name: 'dev-mine',
      // There is only one user here.
      owner: 'SYSCALL',
      // And /sys is that of another network.
      threaded: 'NOT_SUPPORTED',
    });
  });
});
