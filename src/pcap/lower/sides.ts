import type { Direction } from '../language/syntax.ts';
import { type Test, all, any } from './test.ts';

/** Puts together what holds of the source and of the destination. The source is looked at first. */
export function onSides(direction: Direction | undefined, source: () => Test, destination: () => Test): Test {
  if (direction === 'src') return source();
  if (direction === 'dst') return destination();
  return direction === 'src and dst' ? all(source(), destination()) : any(source(), destination());
}
