import { setTimeout as pause } from 'node:timers/promises';
import { inside, output } from '../../bench/support/children.js';

/** Stray packets of the hosts (ARP) may come between the two looks. */
const ATTEMPTS = 10;

/** What the line has counted otherwise than the kernel, once nothing moves any more. Empty: nothing. */
export async function disagreements(line, hosts) {
  let wrong = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await pause(500);
    wrong = await compare(line, hosts);
    if (wrong.length === 0) break;
  }
  return wrong;
}

async function compare(line, hosts) {
  const kernel = { left: await statistics(hosts.left, 'left'), right: await statistics(hosts.right, 'right') };
  const summary = line.summary();
  const wrong = [];
  const same = (what, ours, theirs) => {
    if (ours !== theirs) wrong.push(`${what}: the line says ${ours}, the kernel ${theirs}`);
  };
  for (const [name, { rx, tx }] of Object.entries(kernel)) {
    const port = summary.ports[name];
    same(`packets read from ${name}`, port.read, tx.packets);
    same(`bytes read from ${name}`, port.readBytes, tx.bytes);
    same(`packets written to ${name}`, port.forwarded, rx.packets);
    same(`packets dropped by the kernel on ${name}`, port.kernelDropped, tx.dropped);
  }
  const { read, made, forwarded, dropped, lost, merged, held } = summary;
  if (read + made !== forwarded + dropped + lost + merged + held) wrong.push('the sum rule does not hold');
  if (held !== 0) wrong.push(`${held} packets are held`);
  for (const filter of summary.filters) {
    if (filter.counters.seen !== undefined && filter.packets !== filter.counters.seen)
      wrong.push(`filter ${filter.name} has seen something else`);
  }
  return wrong;
}

async function statistics(host, name) {
  const text = await output(inside(host, ['ip', '-json', '-statistics', 'link', 'show', 'dev', name]));
  return JSON.parse(text)[0].stats64;
}
