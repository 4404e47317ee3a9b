/* A libmodbus RTU server with 1,000 numbered holding registers, coils and input registers, for any unit listed.
   Usage: modbus_serial_libmodbus_server DEVICE UNIT. Prints "listening" once it is up. */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>

enum { TABLE_SIZE = 1000 };

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  modbus_t *context = modbus_new_rtu(argv[1], 19200, 'N', 8, 1);
  modbus_mapping_t *map = modbus_mapping_new(TABLE_SIZE, TABLE_SIZE, TABLE_SIZE, TABLE_SIZE);
  if (context == NULL || map == NULL || modbus_set_slave(context, atoi(argv[2])) == -1) return 1;
  for (int at = 0; at < TABLE_SIZE; at++) {
    map->tab_registers[at] = (uint16_t)(at * 7 + 1);
    map->tab_input_registers[at] = (uint16_t)(at * 11 + 2);
    map->tab_bits[at] = at % 3 == 0;
    map->tab_input_bits[at] = at % 5 == 0;
  }
  if (modbus_connect(context) == -1) return 1;
  puts("listening");
  fflush(stdout);
  uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
  for (;;) {
    int length = modbus_receive(context, query);
    if (length > 0) length = modbus_reply(context, query, length, map);
    if (length == -1 && errno < MODBUS_ENOBASE && errno != ETIMEDOUT) return 1;
    if (length == -1) modbus_flush(context);
  }
}
