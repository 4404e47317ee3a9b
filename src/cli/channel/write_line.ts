const utf8 = new TextEncoder();

/** Writes a value as a line of JSON. @throws what the connection throws */
export async function writeLine(connection: Deno.TcpConn, value: object): Promise<void> {
  const bytes = utf8.encode(`${JSON.stringify(value)}\n`);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
