import type { Layer } from '../language/syntax.ts';
import * as E from './etherTypes.ts';
import { hasLinkType } from './linkTypes.ts';
import type { Lowering } from './lowering.ts';
import { type Test, all, any, equals, equalsMasked } from './test.ts';
import { isTunnel } from './tunnels.ts';

/** `vlan 5`, `mpls`, `pppoes`, `geneve`: what stands to its right is about what lies inside. */
export function isLayer(lowering: Lowering, layer: Layer, number: number | undefined): Test {
  switch (layer) {
    case 'vlan':
      return isVlan(lowering, number);
    case 'mpls':
      return isMpls(lowering, number);
    case 'pppoed':
      return hasLinkType(lowering, E.PPPOED);
    case 'pppoes':
      return isPppSession(lowering, number);
    default:
      return isTunnel(lowering, layer, number);
  }
}

function isVlan(lowering: Lowering, id: number | undefined): Test {
  const { frame } = lowering;
  if (frame.labels > 0) lowering.fail('there is no vlan behind mpls');
  if (frame.link !== 'ethernet') lowering.fail(`there is no vlan on ${frame.linkName}`);
  checkNumber(lowering, 'VLAN id', id, 0xfff);
  const [c, s, q] = E.VLAN_TAGS;
  const isTagged = any(hasLinkType(lowering, c), hasLinkType(lowering, s), hasLinkType(lowering, q));
  const test = id === undefined ? isTagged : all(isTagged, equalsMasked(frame.loadNetwork(0, 2), id, 0xfff));
  frame.payload = { ...frame.payload, constant: frame.payload.constant + 4 };
  frame.type = { ...frame.type, constant: frame.type.constant + 4 };
  return test;
}

function isMpls(lowering: Lowering, label: number | undefined): Test {
  const { frame } = lowering;
  checkNumber(lowering, 'MPLS label', label, 0xfffff);
  const isLabelled = isNextLabel(lowering);
  const test =
    label === undefined ? isLabelled : all(isLabelled, equalsMasked(frame.loadNetwork(0, 4), label << 12, 0xfffff000));
  frame.network += 4;
  frame.networkBehindLlc += 4;
  frame.labels++;
  return test;
}

/** Whether one more label follows: after the first one the label before says so, by not being the last. */
function isNextLabel(lowering: Lowering): Test {
  const { frame } = lowering;
  if (frame.labels > 0) return equalsMasked(frame.loadNetwork(-2, 1), 0, 0x01);
  if (frame.link === 'ethernet') return hasLinkType(lowering, E.MPLS);
  if (frame.link === 'ppp') return equals(frame.loadType(), E.PPP_MPLS);
  return lowering.fail(`there is no mpls on ${frame.linkName}`);
}

/** PPPoE session header: 6 bytes, then the PPP protocol number. */
function isPppSession(lowering: Lowering, session: number | undefined): Test {
  const { frame } = lowering;
  checkNumber(lowering, 'PPPoE session', session, 0xffff);
  const isSession = hasLinkType(lowering, E.PPPOES);
  const test =
    session === undefined ? isSession : all(isSession, equalsMasked(frame.loadNetwork(0, 4), session, 0xffff));
  const { constant, register } = frame.payload;
  frame.header = { constant: constant + frame.network + 6, register };
  frame.type = frame.header;
  frame.payload = { constant: frame.header.constant + 2, register };
  frame.link = 'ppp';
  frame.isTunnelled = false;
  frame.network = 0;
  frame.networkBehindLlc = 0;
  return test;
}

function checkNumber(lowering: Lowering, what: string, number: number | undefined, limit: number): void {
  if (number !== undefined && number > limit) lowering.fail(`${what} ${number} is greater than ${limit}`);
}
