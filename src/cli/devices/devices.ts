import { type DeviceInfo, listDevices } from '../../device/listDevices.ts';
import { EXIT_OK } from '../exitCodes.ts';
import { print, say } from '../output.ts';
import { table } from '../table.ts';

/** `tapline devices`: as JSON or as a table. */
export async function devices(json: boolean): Promise<number> {
  const found = await listDevices();
  if (json) print(JSON.stringify(found));
  else if (found.length === 0) say('no TUN or TAP devices here');
  else print(deviceTable(found).join('\n'));
  return EXIT_OK;
}

/** The columns that most people look for; `--json` has everything. */
export function deviceTable(devices: readonly DeviceInfo[]): string[] {
  return table([
    ['device', 'type', 'state', 'mtu', 'mac', 'vnet_hdr', 'queues', 'persist', 'rx', 'tx', 'tx dropped'],
    ...devices.map((device) => {
      const { info_data: tun } = device.linkinfo;
      return [
        device.ifname,
        tun.type,
        device.operstate,
        device.mtu,
        device.address ?? '-',
        yesNo(tun.vnet_hdr),
        queues(tun.multi_queue, tun.numqueues),
        yesNo(tun.persist),
        device.stats64.rx.packets,
        device.stats64.tx.packets,
        device.stats64.tx.dropped,
      ];
    }),
  ]);
}

function yesNo(value: boolean | undefined): string {
  return value === undefined ? '-' : value ? 'yes' : 'no';
}

/** A device without multi_queue has one; the driver does not say so. */
function queues(isMulti: boolean | undefined, count: number | undefined): number | string {
  return isMulti === true ? (count ?? '-') : 1;
}
