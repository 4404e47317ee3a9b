"""An edge node on pysparkplug, hall/py with the device pump: born, data, the device's death, its own. Argument: the port."""

import sys
import time
from datetime import datetime, timezone

import pysparkplug as psp

AT = 1_700_000_000_000
DATA = [
    (psp.DataType.INT8, -8),
    (psp.DataType.INT16, -16),
    (psp.DataType.INT32, -32),
    (psp.DataType.INT64, -(2**63)),
    (psp.DataType.UINT8, 255),
    (psp.DataType.UINT16, 65535),
    (psp.DataType.UINT32, 2**32 - 1),
    (psp.DataType.UINT64, 2**64 - 1),
    (psp.DataType.FLOAT, 1.5),
    (psp.DataType.DOUBLE, 0.1),
    (psp.DataType.BOOLEAN, True),
    (psp.DataType.STRING, "grün"),
    (psp.DataType.DATETIME, datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)),
    (psp.DataType.TEXT, "long"),
    (psp.DataType.UUID, "7f3b9a52-4f0e-4c3a-8a2f-0d8b8f6c1a11"),
    (psp.DataType.BYTES, b"\x01\x02\xff"),
    (psp.DataType.INT8_ARRAY, (-1, 2)),
    (psp.DataType.INT16_ARRAY, (-1, 2)),
    (psp.DataType.INT32_ARRAY, (-1, 2)),
    (psp.DataType.INT64_ARRAY, (-(2**63), 2)),
    (psp.DataType.UINT8_ARRAY, (255, 2)),
    (psp.DataType.UINT16_ARRAY, (65535, 2)),
    (psp.DataType.UINT32_ARRAY, (2**32 - 1, 2)),
    (psp.DataType.UINT64_ARRAY, (2**64 - 1, 2)),
    (psp.DataType.FLOAT_ARRAY, (1.5, -2.0)),
    (psp.DataType.DOUBLE_ARRAY, (0.1, -2.0)),
    (psp.DataType.BOOLEAN_ARRAY, (False, True, True)),
    (psp.DataType.STRING_ARRAY, ("ABC", "grün")),
    (psp.DataType.DATETIME_ARRAY, (datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc),)),
]


def metric(name, datatype, value, **flags):
    return psp.Metric(timestamp=AT, name=name, datatype=datatype, value=value, **flags)


node = psp.EdgeNode("hall", "py", [metric(datatype.name, datatype, value) for datatype, value in DATA])
node.register(psp.Device("pump", [metric("flow", psp.DataType.DOUBLE, 1.0)]))
node.connect("127.0.0.1", port=int(sys.argv[1]))
deadline = time.monotonic() + 10
while not node._connected and time.monotonic() < deadline:
    time.sleep(0.01)
node.update_device("pump", [metric("flow", psp.DataType.DOUBLE, 2.0)])
node.update_device("pump", [metric("flow", psp.DataType.DOUBLE, 3.0, is_historical=True)])
node.update_device("pump", [metric("flow", psp.DataType.DOUBLE, None, is_null=True, is_transient=True)])
node.deregister("pump")
node.disconnect()
print("done", flush=True)
