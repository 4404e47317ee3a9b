"""Sends rows that were encoded before with the official Zerobus SDK, in batches, and prints what it took.

Reads the path of a JSON file from the first argument: zerobusEndpoint, workspaceHost, clientId, clientSecret, table,
descriptor (a DescriptorProto, base64), rows (one batch, base64), count. Prints {"rows", "seconds", "cpuSeconds", "peakMb"}.
"""

import base64
import json
import resource
import sys
import time

from google.protobuf import descriptor_pb2, descriptor_pool
from zerobus.sdk.shared import StreamConfigurationOptions, TableProperties
from zerobus.sdk.sync import ZerobusSdk


def descriptor_of(job):
    file = descriptor_pb2.FileDescriptorProto(name="row.proto", package="bench", syntax="proto2")
    file.message_type.add().ParseFromString(base64.b64decode(job["descriptor"]))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool.FindMessageTypeByName(f"bench.{file.message_type[0].name}")


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    batch = [base64.b64decode(row) for row in job["rows"]]
    sdk = ZerobusSdk(f"https://{job['zerobusEndpoint']}", job["workspaceHost"])
    table = TableProperties(job["table"], descriptor_of(job))
    stream = sdk.create_stream(job["clientId"], job["clientSecret"], table, StreamConfigurationOptions())
    cpu = cpu_seconds()
    start = time.monotonic()
    for _ in range(job["count"] // len(batch)):
        stream.ingest_records_offset(batch)
    stream.flush()
    seconds = time.monotonic() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = {"rows": job["count"], "seconds": seconds, "cpuSeconds": cpu_seconds() - cpu, "peakMb": peak_mb}
    stream.close()
    print(json.dumps(took))


if __name__ == "__main__":
    main()
