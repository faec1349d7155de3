import type { Condition } from '../language/syntax.ts';
import { isIdentified } from './identifiers.ts';
import { isLayer } from './layers.ts';
import { hasByte, hasLength, isBroadcast, isInterface, isLlc, isMulticast, isOutbound } from './links.ts';
import { isRelation } from './loads.ts';
import type { Lowering } from './lowering.ts';
import { isProtocol } from './protocols.ts';
import { type Test, not } from './test.ts';

/**
 * Turns the tree into comparisons, from left to right: `vlan` and its like change what all that follows means.
 *
 * @throws {ExpressionError} what has no meaning on this link
 */
export function lower(lowering: Lowering, condition: Condition): Test {
  switch (condition.type) {
    case 'chain': {
      const first = lower(lowering, condition.first);
      return {
        type: 'chain',
        first,
        rest: condition.rest.map((link) => ({ isAnd: link.isAnd, test: lower(lowering, link.condition) })),
      };
    }
    case 'not':
      return not(lower(lowering, condition.condition));
    default:
      lowering.offset = condition.offset;
      return lowerPrimitive(lowering, condition);
  }
}

function lowerPrimitive(lowering: Lowering, node: Exclude<Condition, { type: 'chain' | 'not' }>): Test {
  switch (node.type) {
    case 'identifier':
      return isIdentified(lowering, node);
    case 'protocol':
      return isProtocol(lowering, node.protocol);
    case 'relation':
      return isRelation(lowering, node.operator, node.left, node.right);
    case 'broadcast':
      return isBroadcast(lowering, node.protocol);
    case 'multicast':
      return isMulticast(lowering, node.protocol);
    case 'length':
      return hasLength(node.atMost, node.value);
    case 'byte':
      return hasByte(lowering, node.index, node.operator, node.value);
    case 'direction':
      return isOutbound(lowering, node.outbound);
    case 'interface':
      return isInterface(lowering, node.index);
    case 'layer':
      return isLayer(lowering, node.layer, node.number);
    case 'llc':
      return isLlc(lowering, node.subtype);
  }
}
