import { Packet, Verdict, now, random, randomBelow } from 'tapline/assembly/filter';
import { config, state } from './generated';

// One operation on one table for each packet; the test says which, and holds the result against a slow oracle.

function operate(packet: Packet): u64 {
  switch (config.operation) {
    case 0: {
      const entry = state.map.find(config.key);
      return entry ? <u64>++entry.hits : 0;
    }
    case 1: {
      const entry = state.map.obtain(config.key);
      entry.last = now();
      return ++entry.hits;
    }
    case 2:
      return state.map.remove(config.key);
    case 3:
      state.map.clear();
      return 0;
    case 4: {
      const entry = state.flows.obtain(packet);
      return entry ? ++entry.packets : 0;
    }
    case 5: {
      const entry = state.flows.find(packet);
      return entry ? entry.packets : 0;
    }
    case 6:
      return state.flows.remove(packet);
    case 7: {
      const entry = state.sources.obtain(packet);
      return entry ? <u64>++entry.packets : 0;
    }
    case 8: {
      const entry = state.pairs.obtain(packet);
      return entry ? ++entry.packets : 0;
    }
    case 9:
      return state.prefixes.set(config.prefix, config.key);
    case 10:
      return state.prefixes.source(packet);
    case 11:
      return state.bucket.take(now(), config.rate, config.burst, config.cost);
    case 12:
      return random();
    case 13:
      return randomBelow(config.key);
    case 14:
      return state.prefixes.find(config.prefix.version, changetype<usize>(config.prefix) + 4);
    case 15:
      state.prefixes.clear();
      return 0;
    case 16:
      state.small.set(config.key, 7);
      return state.small.get(config.key);
  }
  return 0;
}

export function filter(packet: Packet): Verdict {
  state.result = operate(packet);
  state.extra = config.operation <= 3 ? (state.map.evictions << 32) | state.map.count : state.flows.evictions;
  return Verdict.Continue;
}
