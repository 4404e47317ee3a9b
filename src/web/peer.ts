/** Who asked, as the connection tells. */
export interface Peer {
  /** Its IP address, without a port. */
  readonly address: string;
  /** Whether what is said cannot be read on the way. */
  readonly isEncrypted: boolean;
  /** From now on whoever answers says how long the request and its answer may take; absent where nobody minds. */
  readonly takesItsTime?: () => void;
}

export type Fetch = (request: Request, peer: Peer) => Response | Promise<Response>;

/** For a request that came over no connection: a test's, or one of our own. */
export const LOCAL_PEER: Peer = { address: "127.0.0.1", isEncrypted: false };

/** RFC 1122, 3.2.1.3; RFC 4291, 2.5.3 and 2.5.5.2. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127(\.\d+){3}$/.test(address);
}
