import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the installation that runs: in a checkout two levels above `src/author`, built three. */
export const INSTALLATION = findInstallation(dirname(fileURLToPath(import.meta.url)));

function findInstallation(folder: string): string {
  return existsSync(join(folder, 'asconfig.filter.json')) ? folder : findInstallation(dirname(folder));
}
