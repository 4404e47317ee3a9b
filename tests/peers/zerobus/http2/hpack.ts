import { decodeHuffman } from "./huffman.ts";

export type Header = readonly [name: string, value: string];

/** RFC 7541, Appendix A; from 15 on the values are empty but for `accept-encoding`. */
const STATIC: readonly Header[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  ...["200", "204", "206", "304", "400", "404", "500"].map((status): Header => [":status", status]),
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ...(("accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control " +
    "content-disposition content-encoding content-language content-length content-location content-range content-type " +
    "cookie date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since " +
    "last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after " +
    "server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate").split(" ")
    .map((
      name,
    ): Header => [name, ""])),
];

/** What the table may hold, as long as nobody says otherwise (RFC 9113, 6.5.2). */
const TABLE_BYTES = 4096;
/** What an entry counts beside its text (RFC 7541, 4.1). */
const ENTRY_BYTES = 32;

/** Decodes the header blocks of one connection (RFC 7541). */
export class HpackDecoder {
  /** Newest first. */
  #dynamic: Header[] = [];
  #maxBytes = TABLE_BYTES;
  #block: Uint8Array = new Uint8Array();
  #at = 0;

  /** The headers of one block, in order. @throws {RangeError} when it is none */
  decode(block: Uint8Array): Header[] {
    this.#block = block;
    this.#at = 0;
    const headers: Header[] = [];
    while (this.#at < block.length) {
      const header = this.#field(block[this.#at] ?? 0);
      if (header) headers.push(header);
    }
    return headers;
  }

  /** The field that begins with `first` (RFC 7541, 6); undefined for a change of the table's size. */
  #field(first: number): Header | undefined {
    if (first & 0x80) return this.#entry(this.#integer(7));
    if (first & 0x40) {
      const header = this.#literal(6);
      this.#remember(header);
      return header;
    }
    if (!(first & 0x20)) return this.#literal(4);
    this.#resize(this.#integer(5));
    return undefined;
  }

  #literal(prefixBits: number): Header {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #entry(index: number): Header {
    const entry = STATIC[index - 1] ?? this.#dynamic[index - 1 - STATIC.length];
    if (!entry) throw new RangeError(`there is no header ${index}`);
    return entry;
  }

  /** RFC 7541, 5.1 */
  #integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a number in a header block has no end");
  }

  /** RFC 7541, 5.2 */
  #string(): string {
    const isHuffman = ((this.#block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    if (this.#at + length > this.#block.length) throw new RangeError("a header block is cut short");
    const bytes = this.#block.subarray(this.#at, this.#at + length);
    this.#at += length;
    return isHuffman ? decodeHuffman(bytes) : String.fromCharCode(...bytes);
  }

  #byte(): number {
    if (this.#at >= this.#block.length) throw new RangeError("a header block is cut short");
    return this.#block[this.#at++] ?? 0;
  }

  #remember(header: Header): void {
    this.#dynamic.unshift(header);
    this.#evict();
  }

  #resize(bytes: number): void {
    if (bytes > TABLE_BYTES) throw new RangeError(`a header table of ${bytes} bytes is more than we allow`);
    this.#maxBytes = bytes;
    this.#evict();
  }

  #evict(): void {
    let bytes = 0;
    const end = this.#dynamic.findIndex(([name, value]) =>
      (bytes += name.length + value.length + ENTRY_BYTES) > this.#maxBytes
    );
    if (end >= 0) this.#dynamic.length = end;
  }
}

/** A header block without Huffman codes and without a table (RFC 7541, 6.2.2). Values are ASCII of less than 16 KiB. */
export function encodeHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  const bytes: number[] = [];
  for (const [name, value] of Object.entries(headers)) {
    bytes.push(0);
    pushString(bytes, name);
    pushString(bytes, value);
  }
  return Uint8Array.from(bytes);
}

function pushString(bytes: number[], text: string): void {
  if (text.length < 127) bytes.push(text.length);
  else bytes.push(127, ((text.length - 127) & 0x7f) | 0x80, (text.length - 127) >> 7);
  for (let i = 0; i < text.length; i++) bytes.push(text.charCodeAt(i));
}
