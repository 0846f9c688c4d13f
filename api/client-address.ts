/**
 * From which network address a request came. `X-Forwarded-For` counts only where the connection comes from a proxy that
 * the configuration names, and only as far back as named proxies wrote it; the other `X-Forwarded-` headers never count.
 *
 * Does not promise a person behind an address: many may share one.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** How a request's address is found. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * Finds addresses behind the proxies in `trusted`: addresses such as `10.0.0.7` and networks such as `10.0.0.0/8`.
 *
 * @example createClientAddress(['127.0.0.1'])(request) // '203.0.113.9'
 */
export function createClientAddress(trusted: readonly string[]): ClientAddress {
  if (trusted.length === 0) return (request) => plain(request.socket.remoteAddress ?? '');
  const proxies = blockListOf(trusted);
  const isProxy = (address: string) => proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return (request) => {
    let nearest = plain(request.socket.remoteAddress ?? '');
    const hops = String(request.headers['x-forwarded-for'] ?? '').split(',');
    // From the last hop back: what a proxy of ours wrote is true, what stood there before may be anybody's.
    while (isIP(nearest) !== 0 && isProxy(nearest)) {
      const before = plain((hops.pop() ?? '').trim());
      if (isIP(before) === 0) break;
      nearest = before;
    }
    return nearest;
  };
}

/**
 * Who shares an allowance: an address of IPv4 itself, of IPv6 its /64, because whoever has one has the whole of it.
 *
 * @example allowanceOf('2001:db8:1:2:3:4:5:6') // '2001:db8:1:2::/64'
 */
export function allowanceOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(8 - left.length - right.length, 0);
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** IPv4 that came over IPv6 as IPv4; without a zone. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

function blockListOf(trusted: readonly string[]): BlockList {
  const list = new BlockList();
  for (const one of trusted) {
    const [address = '', bits] = one.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
