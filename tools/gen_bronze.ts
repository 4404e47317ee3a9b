/** Makes the row types and encoders in src/bronze/generated from the messages in protos/. */
import protobuf from "protobufjs";

const WIRE_TYPE: Readonly<Record<string, number>> = { int32: 0, int64: 0, bool: 0, double: 1, string: 2, bytes: 2 };
const TS_TYPE: Readonly<Record<string, string>> = {
  int32: "number",
  int64: "number | bigint",
  bool: "boolean",
  double: "number",
  string: "string",
  bytes: "Uint8Array",
};

/** The protocols, in the order of docs; `published` is the highest field number of the published schema. */
const MESSAGES = [
  { file: "opcua", row: "OpcuaRow", published: 16 },
  { file: "mqtt", row: "MqttRow", published: 16 },
  { file: "modbus", row: "ModbusRow", published: 17 },
] as const;

/** File path below the project's root, to text. */
export function generateBronze(root: URL): Map<string, string> {
  return new Map(MESSAGES.map((message) => {
    const proto = Deno.readTextFileSync(new URL(`protos/${message.file}_bronze.proto`, root));
    return [`src/bronze/generated/${message.file}_row.ts`, rowModule(proto, message)];
  }));
}

function rowModule(proto: string, { file, row, published }: (typeof MESSAGES)[number]): string {
  const parsed = protobuf.parse(proto, { keepCase: true, alternateCommentMode: true });
  const type = parsed.root.nestedArray.find((each) => each instanceof protobuf.Type);
  if (!type) throw new Error(`protos/${file}_bronze.proto: no message`);
  const fields = type.fieldsArray;
  const constant = file.toUpperCase();
  return `// Made by \`deno task gen\` from protos/${file}_bronze.proto. Do not edit.
import type { ProtoWriter } from "../../lib/proto_writer.ts";
import type { BronzeMessage } from "../message.ts";

/** ${type.comment} Times are microseconds since 1970-01-01 UTC. */
export interface ${row} {
${fields.map((f) => `  /** ${f.comment} */\n  ${f.name}?: ${TS_TYPE[f.type]};`).join("\n")}
}

export const ${constant}: BronzeMessage<${row}> = {
  name: "${type.name}",
  fields: [
${
    fields.map((f) =>
      `    { number: ${f.id}, name: "${f.name}", type: "${f.type}", isPublished: ${f.id <= published} },`
    ).join("\n")
  }
  ],
  write: write${row},
};

function write${row}(writer: ProtoWriter, row: ${row}): void {
${
    fields.map((f) => {
      const key = (f.id << 3) | (WIRE_TYPE[f.type] ?? NaN);
      return `  if (row.${f.name} !== undefined) writer.${f.type}(${key}, row.${f.name});`;
    }).join("\n")
  }
}
`;
}
