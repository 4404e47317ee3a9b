"""Writes numbered rows with the official Zerobus SDK and says how it went, as one line of JSON.

Reads one JSON object from the first argument:
  host, workspace, client_id, client_secret, table
  columns   [[name, protobuf type, number], ...] of the message; none for JSON rows
  format    "proto" or "json"
  count     how many rows per stream; row i has seq = i
  streams   how many streams, one after the other; default 1
  batch     rows per request, 0 for requests of a single record
  lack_of_ack_ms   when the SDK takes silence for a lost stream

Prints {"outcome": "acknowledged"} once everything is acknowledged, else {"outcome": class of the error, "message": ...}.
"""

import json
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from zerobus.sdk.shared import RecordType, StreamConfigurationOptions, TableProperties
from zerobus.sdk.sync import ZerobusSdk

VALUES = {
    "seq": lambda i: i,
    "topic": lambda i: f"plant/öfen/{i % 10}",
    "value": lambda i: i / 2,
    "qos": lambda i: i % 3,
    "retain": lambda i: i % 2 == 1,
    "payload": lambda i: bytes([i % 256, 0xFF]),
    "event_time": lambda i: 1_700_000_000_000_000 + i,
    "boot_epoch": lambda i: -1 - i,
    "missing": lambda i: "no such column",
}


def message_class(columns):
    field_type = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="reading.proto", package="plant", syntax="proto2")
    message = file.message_type.add(name="Reading")
    for name, kind, number in columns:
        message.field.add(
            name=name,
            number=number,
            type=getattr(field_type, f"TYPE_{kind.upper()}"),
            label=field_type.LABEL_OPTIONAL,
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("plant.Reading"))


def protobuf_rows(reading, names, numbers):
    for i in numbers:
        yield reading(**{name: VALUES[name](i) for name in names}).SerializeToString()


def json_rows(names, numbers):
    for i in numbers:
        yield json.dumps({name: VALUES[name](i) for name in names})


def send(stream, rows, batch):
    if batch == 0:
        for row in rows:
            stream.ingest_record_offset(row)
        return
    rows = list(rows)
    for start in range(0, len(rows), batch):
        stream.ingest_records_offset(rows[start : start + batch])


def run(job):
    names = [name for name, *_ in job["columns"]]
    options = {"server_lack_of_ack_timeout_ms": job.get("lack_of_ack_ms", 60000), "recovery_backoff_ms": 100}
    if job["format"] == "proto":
        reading = message_class(job["columns"])
        table = TableProperties(job["table"], reading.DESCRIPTOR)
        encode = lambda numbers: protobuf_rows(reading, names, numbers)
    else:
        table = TableProperties(job["table"])
        options["record_type"] = RecordType.JSON
        encode = lambda numbers: json_rows(names, numbers)
    sdk = ZerobusSdk(job["host"], job["workspace"])
    for turn in range(job.get("streams", 1)):
        stream = sdk.create_stream(
            job["client_id"], job["client_secret"], table, StreamConfigurationOptions(**options)
        )
        first = turn * job["count"]
        send(stream, encode(range(first, first + job["count"])), job["batch"])
        stream.flush()
        stream.close()


def main():
    try:
        run(json.loads(sys.argv[1]))
    except Exception as error:  # whatever it is, the test judges it
        print(json.dumps({"outcome": type(error).__name__, "message": str(error)}), flush=True)
    else:
        print(json.dumps({"outcome": "acknowledged"}), flush=True)


if __name__ == "__main__":
    main()
