#pragma once
#include <mongoc/mongoc.h>

// The message of an error as a pointer: Swift would see its array as a tuple of 504 characters.
static inline const char *datahub_bson_error_message(const bson_error_t *error) { return error->message; }
