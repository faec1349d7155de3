import { accessSync, constants, realpathSync } from 'node:fs';

/** What the advice depends on. */
export interface Privileges {
  /** Effective user id. */
  readonly userId: number;
  /** `/dev/net/tun` may be read and written. */
  readonly canUseNode: boolean;
}

/**
 * Commands that would work, ready to be pasted. Paths are absolute: sudo has a PATH of its own, which rarely contains the
 * node of a version manager.
 *
 * @param args the command line after the script
 */
export function permissionAdvice(args: readonly string[], privileges: Privileges = currentPrivileges()): string[] {
  const command = [process.execPath, scriptPath(), ...args].map(shellQuote).join(' ');
  const { userId, canUseNode } = privileges;
  return [
    ...(userId === 0
      ? ['  in a container: give it the device and the right to use it: --device /dev/net/tun --cap-add NET_ADMIN']
      : ['  as root:', `    sudo ${command}`]),
    ...(canUseNode || userId === 0
      ? ['  without root, in a network of its own:', `    unshare -Urn ${command}`]
      : [
          '  without root: once `sudo chmod 0666 /dev/net/tun`, then, in a network of its own:',
          `    unshare -Urn ${command}`,
        ]),
  ];
}

function currentPrivileges(): Privileges {
  return { userId: process.geteuid?.() ?? -1, canUseNode: canAccess('/dev/net/tun') };
}

/** Quotes an argument for a POSIX shell, if it needs it. */
export function shellQuote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function scriptPath(): string {
  const script = process.argv[1] ?? '';
  try {
    return realpathSync(script);
  } catch {
    return script;
  }
}

function canAccess(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
