/**
 * The part of an IP address that one host cannot change: it may have as many IPv6 addresses as it likes in its network of
 * 64 bits (RFC 4291, 2.5.4). An IPv4 address that came in the form of IPv6 is that of IPv4 (2.5.5.2).
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head = "", tail] = address.split("::");
  const front = head === "" ? [] : head.split(":");
  if (tail === undefined) return front.slice(0, 4).join(":");
  const back = tail === "" ? [] : tail.split(":");
  const missing = Math.max(8 - front.length - back.length, 0);
  return [...front, ...Array.from({ length: missing }, () => "0"), ...back].slice(0, 4).join(":");
}
