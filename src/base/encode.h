/* encode.h - bytes as text: base64url without padding (RFC 4648 section 5) and hex. */
#pragma once

#include "base/base.h"

/* Characters, without the terminating zero, that `len` bytes become. */
#define IC_BASE64URL_LEN(len) (((len) * 4 + 2) / 3)

/* Writes IC_BASE64URL_LEN(bytes.len) characters and a zero. */
void ic_base64url_encode(char *text, struct ic_bytes bytes);

/* Decodes exactly `size` bytes. Refuses padding, other alphabets, another length and
 * non-zero trailing bits, so that one value has one spelling. On error `out` is untouched. */
enum ic_err ic_base64url_decode(uint8_t *out, size_t size, const char *text) IC_CHECKED;

/* Bytes that `text` would decode to if it is well formed. */
size_t ic_base64url_decoded_len(const char *text);

/* Is `text` the one spelling of some bytes, as ic_base64url_decode() accepts it? */
bool ic_base64url_is_valid(const char *text);

/* Writes 2 * bytes.len lower-case characters and a zero. */
void ic_hex_encode(char *text, struct ic_bytes bytes);

/* Decodes exactly `size` bytes, either case. On error `out` is undefined. */
enum ic_err ic_hex_decode(uint8_t *out, size_t size, const char *text) IC_CHECKED;
