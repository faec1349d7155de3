import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { DISCARD_PORT, ECHO_PORT, TELNET_PORT } from './filters.ts';
import { plan, RIGHT_ADDRESS, type RoundTrips } from './traffic.ts';

/** Waits until the other machine answers: neighbours know each other then, and no datagram waits for that. */
export async function knock(): Promise<void> {
  const socket = createSocket('udp4');
  const answered = once(socket, 'message').then(() => true);
  for (let attempt = 0; attempt < 100; attempt++) {
    socket.send('knock', ECHO_PORT, RIGHT_ADDRESS);
    if (await Promise.race([answered, sleep(50, false)])) {
      socket.close();
      return;
    }
  }
  throw new Error(`${RIGHT_ADDRESS} does not answer`);
}

/** Datagrams that come back. */
export async function echo(): Promise<RoundTrips> {
  const socket = createSocket('udp4');
  const sentAt: number[] = [];
  const times: number[] = [];
  socket.on('message', (message) => {
    const at = sentAt[message.readUInt32BE(0)];
    if (at !== undefined) times.push(performance.now() - at);
  });
  for (let i = 0; i < plan.echoes; i++) {
    const message = Buffer.alloc(64);
    message.writeUInt32BE(i);
    sentAt.push(performance.now());
    socket.send(message, ECHO_PORT, RIGHT_ADDRESS);
    await sleep(plan.echoIntervalMs);
  }
  await until(() => times.length === plan.echoes, 1_000);
  socket.close();
  return { sent: plan.echoes, received: times.length, averageMs: average(times) };
}

/** Datagrams that the firewall is to drop. @returns how many the kernel took */
export async function unwanted(): Promise<number> {
  const socket = createSocket('udp4');
  let sent = 0;
  while (sent < plan.unwanted) {
    for (let i = 0; i < plan.unwantedGroup; i++) {
      await send(socket, Buffer.alloc(100, 'unwanted '), DISCARD_PORT);
      sent++;
    }
    await sleep(plan.unwantedIntervalMs);
  }
  socket.close();
  return sent;
}

/** Tries to connect to the telnet port. @returns whether anything at all came back, a refusal included */
export async function telnet(): Promise<boolean> {
  const socket = connect(TELNET_PORT, RIGHT_ADDRESS);
  const answered = new Promise<boolean>((resolve) => {
    socket.on('connect', () => {
      resolve(true);
    });
    socket.on('error', () => {
      resolve(true);
    });
  });
  const result = await Promise.race([answered, sleep(plan.telnetMs, false)]);
  socket.destroy();
  return result;
}

function send(socket: Socket, message: Buffer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(message, port, RIGHT_ADDRESS, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** Waits for a condition, and no longer than that. */
async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition() && performance.now() < end) await sleep(10);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
