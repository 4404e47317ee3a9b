/* A libmodbus TCP server with 1,000 numbered addresses in each of the four tables.
   Usage: modbus_libmodbus_server PORT. Prints "listening" once it is up, serves one connection after another. */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TABLE_SIZE = 1000 };

static void fill(modbus_mapping_t *map) {
  for (int at = 0; at < TABLE_SIZE; at++) {
    map->tab_registers[at] = (uint16_t)at;
    map->tab_input_registers[at] = (uint16_t)(TABLE_SIZE + at);
    map->tab_bits[at] = at % 2;
    map->tab_input_bits[at] = at % 5 == 0;
  }
}

static void serve(modbus_t *context, modbus_mapping_t *map) {
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  for (;;) {
    int length = modbus_receive(context, query);
    if (length > 0) length = modbus_reply(context, query, length, map);
    if (length == -1 && errno < MODBUS_ENOBASE) return;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  modbus_t *context = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  modbus_mapping_t *map = modbus_mapping_new(TABLE_SIZE, TABLE_SIZE, TABLE_SIZE, TABLE_SIZE);
  if (context == NULL || map == NULL) return 1;
  fill(map);
  int listener = modbus_tcp_listen(context, 1);
  if (listener == -1) return 1;
  puts("listening");
  fflush(stdout);
  while (modbus_tcp_accept(context, &listener) != -1) {
    serve(context, map);
    modbus_close(context);
  }
  return 1;
}
