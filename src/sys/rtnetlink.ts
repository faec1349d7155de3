/** Message types of `<linux/rtnetlink.h>`. */
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;

/** Multicast group of everything about links, as a bit for bind(2). */
export const RTMGRP_LINK = 1;

/** `struct ifaddrmsg` of `<linux/if_addr.h>`: family u8, prefix length u8, flags u8, scope u8, index u32. */
export const IFADDRMSG_BYTES = 8;
export const IFA_ADDRESS = 1;
export const IFA_LOCAL = 2;

/** `struct ifinfomsg` of `<linux/rtnetlink.h>`: family u8, pad, type u16 at 2, index i32 at 4, flags u32 at 8, change u32. */
export const IFINFOMSG_BYTES = 16;

/** Types of a link, `<linux/if_arp.h>`. */
export const ARPHRD_ETHER = 1;
export const ARPHRD_NONE = 0xfffe;

/** Attributes of a link, `<linux/if_link.h>`. */
export const IFLA_ADDRESS = 1;
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_TXQLEN = 13;
export const IFLA_OPERSTATE = 16;
export const IFLA_LINKINFO = 18;
export const IFLA_STATS64 = 23;
/** One byte: 0 without carrier. */
export const IFLA_CARRIER = 33;

/** Inside IFLA_LINKINFO. */
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;

/** Inside IFLA_INFO_DATA of a link of kind `tun`. */
export const IFLA_TUN_OWNER = 1;
export const IFLA_TUN_GROUP = 2;
export const IFLA_TUN_TYPE = 3;
export const IFLA_TUN_PI = 4;
export const IFLA_TUN_VNET_HDR = 5;
export const IFLA_TUN_PERSIST = 6;
export const IFLA_TUN_MULTI_QUEUE = 7;
export const IFLA_TUN_NUM_QUEUES = 8;
export const IFLA_TUN_NUM_DISABLED_QUEUES = 9;
