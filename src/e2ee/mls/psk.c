/* psk.c - folding pre-shared keys into one secret (RFC 9420 section 8.4). */
#include "e2ee/mls/psk.h"

#include <assert.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

static void read_resumption(struct ic_reader *r, struct ic_mls_psk_id *id)
{
    uint64_t usage = ic_read_uint(r, 1);
    if (usage < IC_MLS_PSK_APPLICATION || usage > IC_MLS_PSK_BRANCH)
        r->bad = true;
    id->usage = (enum ic_mls_psk_usage)usage;
    id->group_id = ic_mls_read_vector(r);
    id->epoch = ic_read_uint(r, 8);
}

void ic_mls_read_psk_id(struct ic_reader *r, struct ic_mls_psk_id *out)
{
    struct ic_reader start = *r;
    struct ic_mls_psk_id id = {0};
    uint64_t type = ic_read_uint(r, 1);

    if (type == IC_MLS_PSK_EXTERNAL)
        id.external_id = ic_mls_read_vector(r);
    else if (type == IC_MLS_PSK_RESUMPTION)
        read_resumption(r, &id);
    else
        r->bad = true;
    id.type = (enum ic_mls_psk_type)type;
    id.nonce = ic_mls_read_vector(r);
    id.encoded = ic_mls_since(start, r);
    if (!r->bad)
        *out = id;
}

void ic_mls_write_psk_id(struct ic_writer *w, const struct ic_mls_psk_id *id)
{
    ic_write_uint(w, id->type, 1);
    if (id->type == IC_MLS_PSK_EXTERNAL) {
        ic_mls_write_vector(w, id->external_id);
    } else {
        ic_write_uint(w, id->usage, 1);
        ic_mls_write_vector(w, id->group_id);
        ic_write_uint(w, id->epoch, 8);
    }
    ic_mls_write_vector(w, id->nonce);
}

/* Folds in the key at `index`. `secret` holds what the keys before it gave. */
static void fold(uint8_t *secret, const struct ic_suite *suite, const struct ic_mls_psk *psk,
                 size_t index, size_t count)
{
    static const uint8_t ZERO[IC_HASH_MAX];
    size_t len = ic_mls_secret_len(suite);
    uint8_t input[IC_HASH_MAX], place[4];
    struct ic_writer w = ic_writer_of(place, sizeof place);

    ic_write_uint(&w, index, 2);
    ic_write_uint(&w, count, 2);
    ic_mls_extract(input, suite, (struct ic_bytes){ZERO, len}, psk->secret);
    ic_mls_expand_two(input, len, suite, (struct ic_bytes){input, len}, "derived psk", psk->id,
                      ic_written(&w));
    ic_mls_extract(secret, suite, (struct ic_bytes){input, len}, (struct ic_bytes){secret, len});
    ic_secret_wipe(input, sizeof input);
}

void ic_mls_psk_secret(uint8_t *out, const struct ic_suite *suite, const struct ic_mls_psk *psks,
                       size_t count)
{
    assert(count <= IC_MLS_PSKS_MAX);
    memset(out, 0, ic_mls_secret_len(suite));
    for (size_t i = 0; i < count; i++)
        fold(out, suite, &psks[i], i, count);
}
