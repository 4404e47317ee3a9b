"""A pymodbus server on a serial line, RTU or ASCII, with two units. Register n of unit u holds n * u modulo 65536.

Prints `listening` once it is up. Ends on SIGTERM.
"""

import argparse
import asyncio

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer

UNITS = (3, 17)
SIZE = 600


def unit(number: int) -> ModbusDeviceContext:
    words = [at * number % 65536 for at in range(SIZE)]
    bits = [at % number == 0 for at in range(SIZE)]
    # A block's first address is 1 where the protocol says 0.
    return ModbusDeviceContext(
        di=ModbusSequentialDataBlock(1, bits), co=ModbusSequentialDataBlock(1, bits),
        hr=ModbusSequentialDataBlock(1, words), ir=ModbusSequentialDataBlock(1, words),
    )


async def main(device: str, framing: str) -> None:
    context = ModbusServerContext(devices={number: unit(number) for number in UNITS}, single=False)
    server = ModbusSerialServer(
        context, framer=FramerType(framing), port=device, baudrate=19200, ignore_missing_devices=True,
        reconnect_delay=0.1,
    )
    await server.serve_forever(background=True)
    print("listening", flush=True)
    await asyncio.Event().wait()


parser = argparse.ArgumentParser()
parser.add_argument("--device", required=True)
parser.add_argument("--framing", choices=("rtu", "ascii"), required=True)
arguments = parser.parse_args()
asyncio.run(main(arguments.device, arguments.framing))
