"""A pymodbus TCP server whose registers hold one value of every type in every order, packed by Python's struct.

Prints `listening` and the entries to read, as JSON, once it is up. Ends on SIGTERM.
"""

import argparse
import asyncio
import json
import struct

from pymodbus.datastore import ModbusDeviceContext, ModbusServerContext, ModbusSparseDataBlock
from pymodbus.server import ModbusTcpServer

FORMATS = {
    "int16": (">h", -12345),
    "uint16": (">H", 54321),
    "int32": (">i", -1234567890),
    "uint32": (">I", 4000000001),
    "int64": (">q", -1234567890123456),
    "uint64": (">Q", 9007199254740991),
    "float16": (">e", -12.375),
    "float32": (">f", -12.375),
    "float64": (">d", 1234.56789),
}
TEXTS = [
    ("utf-8", "utf-8", "Süd °C"),
    ("latin-1", "latin-1", "Süd °C"),
    ("utf-16", "utf-16-be", "Süd ポン"),
    ("windows-1251", "cp1251", "Насос 3"),
    ("windows-1252", "cp1252", "5 € / m"),
    ("shift_jis", "shift_jis", "ポンプ1"),
    ("gb18030", "gb18030", "水泵 2"),
]
BCD = {"bcd16": 4711, "bcd32": 20261124, "bcd64": 987654321012345}
HOLE = 500


def pack(data_type: str) -> tuple[bytes, float]:
    if data_type in BCD:
        digits = {"bcd16": 4, "bcd32": 8, "bcd64": 16}[data_type]
        return bytes.fromhex(str(BCD[data_type]).zfill(digits)), BCD[data_type]
    layout, value = FORMATS[data_type]
    return struct.pack(layout, value), value


def to_registers(packed: bytes, byte_order: str, word_order: str) -> list[int]:
    words = [packed[at : at + 2] for at in range(0, len(packed), 2)]
    if word_order == "little":
        words.reverse()
    if byte_order == "little":
        words = [word[::-1] for word in words]
    return [int.from_bytes(word, "big") for word in words]


def numbers(register_type: str) -> tuple[dict[int, int], list[dict]]:
    registers: dict[int, int] = {}
    entries: list[dict] = []
    for data_type in [*FORMATS, *BCD]:
        for byte_order in ("big", "little"):
            for word_order in ("big", "little"):
                packed, value = pack(data_type)
                if len(packed) == 2 and word_order == "little":
                    continue
                address = len(registers)
                for offset, word in enumerate(to_registers(packed, byte_order, word_order)):
                    registers[address + offset] = word
                entries.append({
                    "name": f"{register_type} {data_type} {byte_order} {word_order}",
                    "address": address, "register_type": register_type, "data_type": data_type,
                    "byte_order": byte_order, "word_order": word_order, "expected": value,
                })
    return registers, entries


def texts(registers: dict[int, int]) -> list[dict]:
    big = "Pumpe Süd".encode().ljust(16, b"\0")
    registers.update({200 + at: word for at, word in enumerate(to_registers(big, "big", "big"))})
    registers.update({210 + at: word for at, word in enumerate(to_registers(big, "little", "big"))})
    entry = {"register_type": "holding", "data_type": "string", "count": 8, "expected": "Pumpe Süd"}
    entries = [
        {**entry, "name": "text big", "address": 200, "byte_order": "big"},
        {**entry, "name": "text little", "address": 210, "byte_order": "little"},
    ]
    for index, (encoding, codec, text) in enumerate(TEXTS):
        address = 220 + 10 * index
        padded = text.encode(codec) + (b" " * 16 if codec != "utf-16-be" else b"\0 " * 8)
        registers.update({address + at: word for at, word in enumerate(to_registers(padded[:16], "big", "big"))})
        entries.append({**entry, "name": encoding, "address": address, "encoding": encoding, "padding": "space", "expected": text})
    return entries


def bits(register_type: str) -> tuple[dict[int, bool], list[dict]]:
    values = {at: at % 3 == 0 or at % 7 == 0 for at in range(2500)}
    entry = {"name": register_type, "address": 0, "count": 2500, "register_type": register_type}
    return values, [{**entry, "expected": [int(value) for value in values.values()]}]


async def main(port: int) -> None:
    holding, entries = numbers("holding")
    entries += texts(holding)
    holding.update({address: address for address in range(490, 511) if address != HOLE})
    inputs, input_entries = numbers("input")
    coils, coil_entries = bits("coil")
    discretes, discrete_entries = bits("discrete")
    device = ModbusDeviceContext(di=ModbusSparseDataBlock(discretes), co=ModbusSparseDataBlock(coils), hr=ModbusSparseDataBlock(holding), ir=ModbusSparseDataBlock(inputs))
    server = ModbusTcpServer(ModbusServerContext(devices={7: device}, single=False), address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    print("listening", json.dumps(entries + input_entries + coil_entries + discrete_entries), flush=True)
    await asyncio.Event().wait()


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
asyncio.run(main(parser.parse_args().port))
