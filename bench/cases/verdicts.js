import { tryFilter } from 'tapline/testing';

const DROP = 2;

/** What a filter in a real line says of each frame, as twins say it. */
export async function verdicts(filter, frames) {
  const judged = await tryFilter(filter, frames);
  return judged.map(({ verdict }) => (verdict === 'drop' ? DROP : 0));
}
