/* private_message.c - PrivateMessage (RFC 9420 section 6.3).
 *
 * Both kinds of associated data are a front part of the message itself, as far as the content type
 * and as far as the authenticated data. */
#include "e2ee/mls/private_message.h"

#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

enum {
    GUARD_LEN = 4,
    SENDER_DATA_LEN = 4 + 4 + GUARD_LEN,
    SENDER_DATA_SEALED_LEN = SENDER_DATA_LEN + IC_CIPHER_TAG_LEN,
};

struct sender_data {
    uint32_t leaf, generation;
    uint8_t guard[GUARD_LEN];
};

void ic_mls_read_private(struct ic_reader *r, struct ic_mls_private_message *out)
{
    *out = (struct ic_mls_private_message){0};
    uint64_t version = ic_read_uint(r, 2), format = ic_read_uint(r, 2);
    struct ic_reader start = *r;

    if (version != IC_MLS_VERSION || format != IC_MLS_PRIVATE_MESSAGE)
        *r = (struct ic_reader){.bad = true};
    out->group_id = ic_mls_read_vector(r);
    out->epoch = ic_read_uint(r, 8);
    uint64_t type = ic_read_uint(r, 1);
    out->type = (enum ic_mls_content_type)type;
    out->sender_data_aad = ic_mls_since(start, r);
    out->authenticated_data = ic_mls_read_vector(r);
    out->content_aad = ic_mls_since(start, r);
    out->encrypted_sender_data = ic_mls_read_vector(r);
    out->ciphertext = ic_mls_read_vector(r);
    if (type < IC_MLS_CONTENT_APPLICATION || type > IC_MLS_CONTENT_COMMIT ||
        out->ciphertext.len < IC_CIPHER_TAG_LEN)
        *r = (struct ic_reader){.bad = true};
}

static enum ic_mls_ratchet ratchet_of(enum ic_mls_content_type type)
{
    return type == IC_MLS_CONTENT_APPLICATION ? IC_MLS_RATCHET_APPLICATION
                                              : IC_MLS_RATCHET_HANDSHAKE;
}

static struct ic_bytes sender_data_secret(const struct ic_mls_epoch *epoch)
{
    return (struct ic_bytes){epoch->sender_data, ic_mls_secret_len(epoch->suite)};
}

/* So that a sender who forgot how far it was does not use a nonce twice. */
static void guard_nonce(struct ic_mls_message_key *key, const uint8_t guard[GUARD_LEN])
{
    for (size_t i = 0; i < GUARD_LEN; i++)
        key->nonce[i] ^= guard[i];
}

static enum ic_err seal_sender_data(uint8_t *room, const struct sender_data *data,
                                    const struct ic_mls_epoch *epoch, struct ic_bytes aad,
                                    struct ic_bytes ciphertext)
{
    struct ic_mls_message_key key;
    struct ic_writer w = ic_writer_of(room, SENDER_DATA_LEN);

    ic_write_uint(&w, data->leaf, 4);
    ic_write_uint(&w, data->generation, 4);
    ic_write_bytes(&w, (struct ic_bytes){data->guard, GUARD_LEN});
    ic_mls_sender_data_key(&key, epoch->suite, sender_data_secret(epoch), ciphertext);
    enum ic_err err =
        ic_cipher_seal(room, epoch->suite->cipher, key.key, key.nonce, aad, ic_written(&w));
    ic_secret_wipe(&key, sizeof key);
    return err;
}

/* Where the parts of a message to be sealed stand in the writer. */
struct layout {
    struct ic_bytes sender_data_aad, content_aad;
    uint8_t *sender_data, *content;
    size_t content_len;
};

static enum ic_err lay_out(struct layout *out, struct ic_writer *w,
                           const struct ic_mls_authenticated *authenticated, size_t padding)
{
    const struct ic_mls_content *content = &authenticated->content;

    ic_write_uint(w, IC_MLS_VERSION, 2);
    ic_write_uint(w, IC_MLS_PRIVATE_MESSAGE, 2);
    const uint8_t *aad = w->at + w->len;
    ic_mls_write_vector(w, content->group_id);
    ic_write_uint(w, content->epoch, 8);
    ic_write_uint(w, content->type, 1);
    out->sender_data_aad = (struct ic_bytes){aad, (size_t)(w->at + w->len - aad)};
    ic_mls_write_vector(w, content->authenticated_data);
    out->content_aad = (struct ic_bytes){aad, (size_t)(w->at + w->len - aad)};
    ic_mls_write_size(w, SENDER_DATA_SEALED_LEN);
    out->sender_data = ic_write_room(w, SENDER_DATA_SEALED_LEN);

    size_t list = ic_mls_list_begin(w), begin = w->len;
    ic_write_bytes(w, content->body);
    ic_mls_write_auth(w, content->type, authenticated->signature, authenticated->confirmation_tag);
    uint8_t *zeros = ic_write_room(w, padding);
    if (zeros)
        memset(zeros, 0, padding);
    out->content_len = w->len - begin;
    ic_write_room(w, IC_CIPHER_TAG_LEN);
    ic_mls_list_end(w, list);
    if (w->bad)
        return IC_ERR_FULL;
    out->content = w->at + w->len - IC_CIPHER_TAG_LEN - out->content_len;
    return IC_OK;
}

enum ic_err ic_mls_write_private(struct ic_writer *w,
                                 const struct ic_mls_authenticated *authenticated,
                                 const struct ic_mls_epoch *epoch, struct ic_mls_secret_tree *tree,
                                 size_t padding)
{
    const struct ic_mls_content *content = &authenticated->content;
    struct ic_mls_message_key key;
    struct layout layout;
    struct sender_data data = {.leaf = content->sender.index};

    enum ic_err err = lay_out(&layout, w, authenticated, padding);
    if (err != IC_OK)
        return err;
    err = ic_mls_secret_tree_next(&key, &data.generation, tree, (struct ic_leaf){data.leaf},
                                  ratchet_of(content->type));
    if (err != IC_OK)
        return err;
    ic_random_fill(data.guard, sizeof data.guard);
    guard_nonce(&key, data.guard);
    struct ic_bytes plain = {layout.content, layout.content_len};
    err = ic_cipher_seal(layout.content, epoch->suite->cipher, key.key, key.nonce,
                         layout.content_aad, plain);
    ic_secret_wipe(&key, sizeof key);
    if (err != IC_OK)
        return err;
    struct ic_bytes sealed = {layout.content, layout.content_len + IC_CIPHER_TAG_LEN};
    return seal_sender_data(layout.sender_data, &data, epoch, layout.sender_data_aad, sealed);
}

static enum ic_err open_sender_data(struct sender_data *out,
                                    const struct ic_mls_private_message *message,
                                    const struct ic_mls_epoch *epoch)
{
    uint8_t plain[SENDER_DATA_LEN];
    struct ic_mls_message_key key;

    if (message->encrypted_sender_data.len != SENDER_DATA_SEALED_LEN)
        return IC_ERR_MALFORMED;
    ic_mls_sender_data_key(&key, epoch->suite, sender_data_secret(epoch), message->ciphertext);
    enum ic_err err = ic_cipher_open(plain, epoch->suite->cipher, key.key, key.nonce,
                                     message->sender_data_aad, message->encrypted_sender_data);
    ic_secret_wipe(&key, sizeof key);
    if (err != IC_OK)
        return err;
    struct ic_reader r = ic_reader_of((struct ic_bytes){plain, sizeof plain});
    out->leaf = (uint32_t)ic_read_uint(&r, 4);
    out->generation = (uint32_t)ic_read_uint(&r, 4);
    memcpy(out->guard, ic_read_bytes(&r, GUARD_LEN).at, GUARD_LEN);
    return IC_OK;
}

/* The front of the AuthenticatedContent, which the plaintext continues. */
static void write_front(struct ic_writer *w, const struct ic_mls_private_message *message,
                        uint32_t leaf)
{
    const struct ic_mls_content content = {
        .group_id = message->group_id,
        .epoch = message->epoch,
        .sender = {IC_MLS_SENDER_MEMBER, leaf},
        .authenticated_data = message->authenticated_data,
        .type = message->type,
    };
    ic_write_uint(w, IC_MLS_PRIVATE_MESSAGE, 2);
    ic_mls_write_content(w, &content);
}

static enum ic_err read_padded(struct ic_mls_authenticated *out, struct ic_bytes bytes)
{
    struct ic_reader r = ic_reader_of(bytes);
    uint8_t any = 0;

    ic_mls_read_authenticated(&r, out);
    for (size_t i = 0; i < r.rest.len; i++)
        any |= r.rest.at[i];
    return r.bad || any != 0 ? IC_ERR_MALFORMED : IC_OK;
}

enum ic_err ic_mls_private_open(struct ic_mls_opened *out, uint8_t *buffer, size_t size,
                                const struct ic_mls_private_message *message,
                                const struct ic_mls_epoch *epoch,
                                const struct ic_mls_secret_tree *tree)
{
    struct ic_mls_opened opened = {.ratchet = ratchet_of(message->type)};
    struct ic_writer w = ic_writer_of(buffer, size);
    struct ic_mls_message_key key;
    struct sender_data data;

    enum ic_err err = open_sender_data(&data, message, epoch);
    if (err != IC_OK)
        return err;
    write_front(&w, message, data.leaf);
    uint8_t *plain = ic_write_room(&w, message->ciphertext.len - IC_CIPHER_TAG_LEN);
    if (!plain)
        return IC_ERR_FULL;
    opened.generation = data.generation;
    err = ic_mls_secret_tree_peek(&key, tree, (struct ic_leaf){data.leaf}, opened.ratchet,
                                  data.generation);
    if (err != IC_OK)
        return err;
    guard_nonce(&key, data.guard);
    err = ic_cipher_open(plain, epoch->suite->cipher, key.key, key.nonce, message->content_aad,
                         message->ciphertext);
    ic_secret_wipe(&key, sizeof key);
    if (err != IC_OK)
        return err;
    err = read_padded(&opened.authenticated, ic_written(&w));
    if (err == IC_OK)
        *out = opened;
    return err;
}
