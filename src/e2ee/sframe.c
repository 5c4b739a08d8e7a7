/* sframe.c - SFrame headers and key schedule (RFC 9605 sections 4.3 and 4.4). */
#include "e2ee/sframe.h"

#include "crypto/hkdf.h"
#include "crypto/secret.h"

/*  0 1 2 3 4 5 6 7
 * +-+-----+-+-----+
 * |X|  K  |Y|  C  |   X, Y: K, C are lengths less one; else the value itself, 0 to 7
 * +-+-----+-+-----+
 */
enum { LONG_FIELD = 8, FIELD_BITS = 7 };

/* Puts the value into the half byte `field`, or its length there and its bytes behind. */
static uint8_t write_field(struct ic_writer *w, uint64_t value)
{
    if (value < LONG_FIELD)
        return (uint8_t)value;
    size_t len = 1;
    while (len < 8 && value >> 8 * len != 0)
        len++;
    ic_write_uint(w, value, len);
    return (uint8_t)(LONG_FIELD | (len - 1));
}

size_t ic_sframe_header_write(uint8_t out[IC_SFRAME_HEADER_MAX], struct ic_sframe_header header)
{
    struct ic_writer w = ic_writer_of(out + 1, IC_SFRAME_HEADER_MAX - 1);
    uint8_t key_id = write_field(&w, header.key_id);
    uint8_t counter = write_field(&w, header.counter);
    out[0] = (uint8_t)(key_id << 4 | counter);
    return 1 + w.len;
}

static uint64_t read_field(struct ic_reader *r, unsigned field)
{
    if (!(field & LONG_FIELD))
        return field;
    size_t len = (field & FIELD_BITS) + 1;
    uint64_t value = ic_read_uint(r, len);
    bool shortest = len == 1 ? value >= LONG_FIELD : value >> 8 * (len - 1) != 0;
    r->bad |= !shortest;
    return value;
}

enum ic_err ic_sframe_header_read(struct ic_sframe_header *out, size_t *len, struct ic_bytes bytes)
{
    struct ic_reader r = ic_reader_of(bytes);
    unsigned configuration = (unsigned)ic_read_uint(&r, 1);
    struct ic_sframe_header header = {.key_id = read_field(&r, configuration >> 4)};
    header.counter = read_field(&r, configuration & 15);
    if (r.bad)
        return IC_ERR_MALFORMED;
    *out = header;
    *len = bytes.len - r.rest.len;
    return IC_OK;
}

static size_t key_len(enum ic_sframe_suite suite)
{
    return suite == IC_SFRAME_AES_128_GCM_SHA256_128 ? IC_SFRAME_GCM_KEY_LEN : IC_SFRAME_KEY_MAX;
}

static void expand(uint8_t *out, size_t len, struct ic_bytes secret, const char *label,
                   enum ic_sframe_suite suite, uint64_t key_id)
{
    uint8_t info[40];
    struct ic_writer w = ic_writer_of(info, sizeof info);
    ic_write_bytes(&w, ic_bytes_of_text(label));
    ic_write_uint(&w, key_id, 8);
    ic_write_uint(&w, suite, 2);
    ic_hkdf_expand(out, len, secret, ic_written(&w));
}

void ic_sframe_derive(struct ic_sframe_secrets *out, enum ic_sframe_suite suite,
                      const uint8_t base_key[IC_SFRAME_BASE_KEY_LEN], uint64_t key_id)
{
    uint8_t secret[IC_HKDF_PRK_LEN];
    struct ic_bytes prk = {secret, sizeof secret};

    ic_hkdf_extract(secret, (struct ic_bytes){0},
                    (struct ic_bytes){base_key, IC_SFRAME_BASE_KEY_LEN});
    out->key_len = key_len(suite);
    expand(out->key, out->key_len, prk, "SFrame 1.0 Secret key ", suite, key_id);
    expand(out->salt, sizeof out->salt, prk, "SFrame 1.0 Secret salt ", suite, key_id);
    ic_secret_wipe(secret, sizeof secret);
}

void ic_sframe_nonce(uint8_t nonce[IC_SFRAME_NONCE_LEN], const uint8_t salt[IC_SFRAME_NONCE_LEN],
                     uint64_t counter)
{
    memcpy(nonce, salt, IC_SFRAME_NONCE_LEN);
    for (int i = 0; i < 8; i++)
        nonce[IC_SFRAME_NONCE_LEN - 1 - i] ^= (uint8_t)(counter >> 8 * i);
}
