/* encode.c - base64url (RFC 4648 section 5, unpadded) and hex. Not for secrets on a path that
 * an attacker can time: the look-ups depend on the data. */
#include "base/encode.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void ic_base64url_encode(char *text, struct ic_bytes bytes)
{
    uint32_t bits = 0;
    unsigned held = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | bytes.at[i];
        for (held += 8; held >= 6; held -= 6)
            *text++ = ALPHABET[bits >> (held - 6) & 63];
    }
    if (held > 0)
        *text++ = ALPHABET[bits << (6 - held) & 63];
    *text = 0;
}

/* -1 for all others. Without a call: messages of the group are tens of thousands of characters. */
static int sextet(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

size_t ic_base64url_decoded_len(const char *text)
{
    return strlen(text) * 3 / 4;
}

bool ic_base64url_is_valid(const char *text)
{
    static const unsigned spare_of[] = {0, 6, 4, 2}; /* bits, by what is left after fours */
    size_t len = strspn(text, ALPHABET);

    if (text[len] != 0 || len % 4 == 1)
        return false;
    return len == 0 || (sextet(text[len - 1]) & ((1 << spare_of[len % 4]) - 1)) == 0;
}

enum ic_err ic_base64url_decode(uint8_t *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    uint32_t bits = 0;
    unsigned held = 0;

    if (len != IC_BASE64URL_LEN(size))
        return IC_ERR_MALFORMED;
    for (size_t i = 0; i < len; i++) {
        int six = sextet(text[i]);
        if (six < 0)
            return IC_ERR_MALFORMED;
        bits = (uint32_t)six; /* only the last one's low bits matter below */
    }
    unsigned spare = (unsigned)(len * 6 - size * 8);
    if (bits & ((1u << spare) - 1))
        return IC_ERR_MALFORMED;

    bits = 0;
    for (size_t i = 0, n = 0; i < len && n < size; i++) {
        bits = bits << 6 | (uint32_t)sextet(text[i]);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (uint8_t)(bits >> held);
        }
    }
    return IC_OK;
}

void ic_hex_encode(char *text, struct ic_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        *text++ = digits[bytes.at[i] >> 4];
        *text++ = digits[bytes.at[i] & 15];
    }
    *text = 0;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum ic_err ic_hex_decode(uint8_t *out, size_t size, const char *text)
{
    if (strlen(text) != 2 * size)
        return IC_ERR_MALFORMED;
    for (size_t i = 0; i < size; i++) {
        int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return IC_ERR_MALFORMED;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return IC_OK;
}
