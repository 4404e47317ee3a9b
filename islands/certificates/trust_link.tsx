import type { VNode } from "preact";

/** What the connector says where a server's certificate is why there is no connection. */
const UNTRUSTED = "opcua_untrusted_server";

interface TrustLinkProps {
  /** Of what went wrong. */
  readonly code: string | undefined;
  /** In a tab of its own, where something typed would be lost. */
  readonly isAside?: boolean;
}

/** The way to where a server's certificate is compared and trusted; nothing where that is not what is wrong. */
export function TrustLink({ code, isAside = false }: TrustLinkProps): VNode | null {
  if (code !== UNTRUSTED) return null;
  return (
    <span>
      <a href="/certificates/servers" target={isAside ? "_blank" : undefined}>Compare the certificate, and trust it</a>
    </span>
  );
}
