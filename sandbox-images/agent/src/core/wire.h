// Big-endian integers.
#pragma once

#include <stdint.h>

static inline uint16_t wire_get16(const uint8_t *from)
{
  return (uint16_t)(from[0] << 8 | from[1]);
}

static inline uint32_t wire_get32(const uint8_t *from)
{
  return (uint32_t)wire_get16(from) << 16 | wire_get16(from + 2);
}

static inline uint64_t wire_get64(const uint8_t *from)
{
  return (uint64_t)wire_get32(from) << 32 | wire_get32(from + 4);
}

static inline uint8_t *wire_put8(uint8_t *to, uint8_t value)
{
  to[0] = value;
  return to + 1;
}

static inline uint8_t *wire_put16(uint8_t *to, uint16_t value)
{
  return wire_put8(wire_put8(to, (uint8_t)(value >> 8)), (uint8_t)value);
}

static inline uint8_t *wire_put32(uint8_t *to, uint32_t value)
{
  return wire_put16(wire_put16(to, (uint16_t)(value >> 16)), (uint16_t)value);
}

static inline uint8_t *wire_put64(uint8_t *to, uint64_t value)
{
  return wire_put32(wire_put32(to, (uint32_t)(value >> 32)), (uint32_t)value);
}
