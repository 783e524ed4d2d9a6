// Tagged fields of a message: u8 tag, u32 length, value.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIELD_HEADER_BYTES 5

struct fields {
  const uint8_t *at;
  size_t left;
  uint32_t seen;
};

struct field {
  uint8_t tag;
  const uint8_t *value;
  size_t length;
};

enum field_status { FIELD_END, FIELD_OK, FIELD_BROKEN };

enum field_status fields_next(struct fields *fields, struct field *field);

// Whether the field comes for the first time; for tags that may not repeat.
bool field_is_first(struct fields *fields, const struct field *field);

bool field_u32(const struct field *field, uint32_t *value);
bool field_u64(const struct field *field, uint64_t *value);

// Copies the value as a string; refuses NUL inside and what does not fit.
bool field_string(const struct field *field, char *to, size_t size);

uint8_t *field_put8(uint8_t *to, uint8_t tag, uint8_t value);
uint8_t *field_put32(uint8_t *to, uint8_t tag, uint32_t value);
uint8_t *field_put64(uint8_t *to, uint8_t tag, uint64_t value);
uint8_t *field_put_bytes(uint8_t *to, uint8_t tag, const void *value, size_t length);

// Around a value that has been written at `to` + FIELD_HEADER_BYTES and ends at `end`, which it returns.
uint8_t *field_close(uint8_t *to, uint8_t tag, uint8_t *end);
