/* json_reader.h - JSON as clients write it, read at the speed of the bytes.
 *
 * jansson reads byte by byte through its own buffers, a hundred instructions each, and a commit has
 * tens of thousands of them. Nearly all are in long strings without anything to unescape. */
#pragma once

#include <jansson.h>

#include "base/base.h"

/* The object that jansson would read, with each key once and at most `depth_max` levels; the
 * caller's then. NULL: it is none, or has what this does not read: escapes, bytes beyond ASCII,
 * fractions, null. Only jansson says which. */
json_t *ic_json_read(const char *text, size_t len, int depth_max);
