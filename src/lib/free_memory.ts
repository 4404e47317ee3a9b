/**
 * Gives the memory of `bytes` back at once. Left to the garbage collector, large buffers that live for some milliseconds
 * add up to some 64 MB before V8 looks at them (ECMA-262, ArrayBuffer.prototype.transfer; V8 counts them as external
 * memory). Bytes that are only a part of their buffer stay, since others may use the rest.
 *
 * Nobody may look at them any more: they have the length 0 from now on.
 */
export function freeMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
