/* welcome_make.c - GroupInfo and Welcome, made (RFC 9420 sections 12.4.3 and 12.4.3.1). */
#include "e2ee/mls/welcome_make.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/external_init.h"
#include "e2ee/mls/framing.h"
#include "e2ee/mls/labels.h"
#include "e2ee/mls/tree_edit.h"

enum { MESSAGE_FRONT = 4 }; /* version and wire format */

static struct ic_bytes secret_of(const struct ic_suite *suite, const uint8_t *at)
{
    return (struct ic_bytes){at, ic_mls_secret_len(suite)};
}

static void write_front(struct ic_writer *w, enum ic_mls_wire_format format)
{
    ic_write_uint(w, IC_MLS_VERSION, 2);
    ic_write_uint(w, format, 2);
}

/* Gives the memory away when all went well. */
static enum ic_err give(struct ic_mls_message *out, struct ic_writer *w, enum ic_err err)
{
    struct ic_mls_message made = {w->at, w->len};
    if (err == IC_OK && w->bad)
        err = IC_ERR_SYSTEM;
    if (err == IC_OK)
        *out = made;
    else
        ic_mls_message_clear(&made);
    return err;
}

/* ---- GroupInfo ---- */

static enum ic_err write_external_pub(struct ic_writer *w, const struct ic_mls_epoch *epoch)
{
    uint8_t private_key[IC_KEM_PRIVATE_MAX], data[IC_MLS_HEADER_MAX + IC_KEM_PUBLIC_MAX];
    uint8_t public_key[IC_KEM_PUBLIC_MAX];
    struct ic_writer d = ic_writer_of(data, sizeof data);

    enum ic_err err = ic_mls_epoch_external_pair(private_key, public_key, epoch);
    ic_secret_wipe(private_key, sizeof private_key);
    if (err != IC_OK)
        return err;
    size_t len = ic_kem_lengths(epoch->suite->kem).public_len;
    ic_mls_write_vector(&d, (struct ic_bytes){public_key, len});
    ic_mls_write_extension(w, IC_MLS_EXT_EXTERNAL_PUB, ic_written(&d));
    return IC_OK;
}

/* The list of extensions and its check: a type may be there once. */
static enum ic_err write_extensions(struct ic_writer *w, const struct ic_mls_info_plan *plan,
                                    struct ic_bytes tree)
{
    size_t list = ic_mls_list_begin(w);
    enum ic_err err = IC_OK;

    if (plan->tree)
        ic_mls_write_extension(w, IC_MLS_EXT_RATCHET_TREE, tree);
    if (plan->epoch)
        err = write_external_pub(w, plan->epoch);
    ic_write_bytes(w, plan->extensions);
    if (err != IC_OK || w->bad)
        return err;
    ic_mls_list_end(w, list);
    struct ic_reader r = ic_reader_of((struct ic_bytes){w->at + list, w->len - list});
    ic_mls_read_extensions(&r);
    return w->bad ? IC_OK : ic_mls_finish(&r);
}

static enum ic_err write_info(struct ic_writer *w, struct ic_writer *extensions,
                              const struct ic_suite *suite, const struct ic_mls_info_plan *plan,
                              struct ic_bytes tree)
{
    struct ic_mls_group_info info = {
        .context.encoded = plan->context,
        .confirmation_tag = plan->confirmation_tag,
        .signer = plan->signer,
    };

    enum ic_err err = write_extensions(extensions, plan, tree);
    if (err != IC_OK)
        return err;
    struct ic_reader r = ic_reader_of(ic_written(extensions));
    info.extensions = ic_mls_read_extensions(&r);
    return ic_mls_write_group_info(w, &info, suite, plan->signature_private);
}

static enum ic_err make_info(struct ic_mls_message *out, const struct ic_suite *suite,
                             const struct ic_mls_info_plan *plan, bool is_message,
                             struct ic_bytes tree)
{
    enum { EXTENSION_FRONT = 2 + IC_MLS_HEADER_MAX };
    size_t list_size = tree.len + IC_KEM_PUBLIC_MAX + plan->extensions.len + 2 * EXTENSION_FRONT +
                       2 * IC_MLS_HEADER_MAX;
    size_t size = MESSAGE_FRONT + plan->context.len + list_size + plan->confirmation_tag.len + 4 +
                  IC_SIGNATURE_MAX + 3 * IC_MLS_HEADER_MAX;
    uint8_t *at = malloc(size), *list = malloc(list_size);
    struct ic_writer w = ic_writer_of(at, size), extensions = ic_writer_of(list, list_size);
    enum ic_err err = at && list ? IC_OK : IC_ERR_SYSTEM;

    if (err == IC_OK && is_message)
        write_front(&w, IC_MLS_GROUP_INFO);
    if (err == IC_OK)
        err = write_info(&w, &extensions, suite, plan, tree);
    free(list);
    return give(out, &w, err);
}

static enum ic_err info_make(struct ic_mls_message *out, const struct ic_suite *suite,
                             const struct ic_mls_info_plan *plan, bool is_message)
{
    struct ic_mls_message tree = {0};
    enum ic_err err = plan->tree ? ic_mls_tree_encode(&tree, plan->tree) : IC_OK;

    if (err == IC_OK)
        err = make_info(out, suite, plan, is_message, ic_mls_message_bytes(&tree));
    ic_mls_message_clear(&tree);
    return err;
}

enum ic_err ic_mls_info_make(struct ic_mls_message *out, const struct ic_suite *suite,
                             const struct ic_mls_info_plan *plan)
{
    return info_make(out, suite, plan, false);
}

enum ic_err ic_mls_info_make_message(struct ic_mls_message *out, const struct ic_suite *suite,
                                     const struct ic_mls_info_plan *plan)
{
    return info_make(out, suite, plan, true);
}

/* ---- Welcome ---- */

static void write_secrets(struct ic_writer *w, const struct ic_mls_welcome_plan *plan,
                          struct ic_bytes path_secret)
{
    ic_mls_write_vector(w, plan->joiner_secret);
    ic_mls_write_present(w, path_secret.len > 0);
    if (path_secret.len > 0)
        ic_mls_write_vector(w, path_secret);
    ic_mls_write_vector(w, plan->psks);
}

static size_t secrets_size(const struct ic_mls_welcome_plan *plan)
{
    return plan->joiner_secret.len + IC_HASH_MAX + plan->psks.len + 1 + 3 * IC_MLS_HEADER_MAX;
}

/* EncryptedGroupSecrets. `room` holds the secrets, and behind them their ciphertext. */
static enum ic_err write_newcomer(struct ic_writer *w, const struct ic_suite *suite,
                                  const struct ic_mls_welcome_plan *plan,
                                  const struct ic_mls_newcomer *newcomer,
                                  const struct ic_mls_encryption *how, uint8_t *room)
{
    size_t size = secrets_size(plan);
    uint8_t ref[IC_HASH_MAX], kem_output[IC_KEM_ENC_MAX];
    struct ic_writer secrets = ic_writer_of(room, size);

    write_secrets(&secrets, plan, newcomer->path_secret);
    if (secrets.bad)
        return IC_ERR_MALFORMED;
    enum ic_err err = ic_mls_encrypt_to(room + size, kem_output, suite, how,
                                        newcomer->package.init_key, ic_written(&secrets));
    if (err != IC_OK)
        return err;
    ic_mls_key_package_ref(ref, suite, newcomer->package.encoded);
    const struct ic_mls_ciphertext sealed = {
        .kem_output = {kem_output, ic_kem_lengths(suite->kem).enc_len},
        .ciphertext = {room + size, secrets.len + IC_CIPHER_TAG_LEN},
    };
    ic_mls_write_vector(w, secret_of(suite, ref));
    ic_mls_write_ciphertext(w, &sealed);
    return IC_OK;
}

static enum ic_err write_newcomers(struct ic_writer *w, const struct ic_suite *suite,
                                   const struct ic_mls_welcome_plan *plan, struct ic_bytes info)
{
    size_t size = 2 * secrets_size(plan) + IC_CIPHER_TAG_LEN;
    uint8_t *room = malloc(size);
    struct ic_mls_encryption how;
    enum ic_err err = room ? ic_mls_encryption_of(&how, suite, "Welcome", info) : IC_ERR_SYSTEM;

    size_t list = ic_mls_list_begin(w);
    for (size_t i = 0; i < plan->newcomer_count && err == IC_OK; i++)
        err = write_newcomer(w, suite, plan, &plan->newcomers[i], &how, room);
    ic_mls_list_end(w, list);
    if (room)
        ic_secret_wipe(room, size);
    free(room);
    return err;
}

static enum ic_err seal_info(struct ic_mls_message *out, const struct ic_suite *suite,
                             const struct ic_mls_welcome_plan *plan)
{
    size_t len = plan->group_info.len + IC_CIPHER_TAG_LEN;
    uint8_t welcome_secret[IC_HASH_MAX], *at = malloc(len);
    if (!at)
        return IC_ERR_SYSTEM;
    ic_mls_welcome_secret(welcome_secret, suite, plan->joiner_secret, plan->psk_secret);
    enum ic_err err =
        ic_mls_welcome_seal_info(at, suite, secret_of(suite, welcome_secret), plan->group_info);
    ic_secret_wipe(welcome_secret, sizeof welcome_secret);
    if (err == IC_OK)
        *out = (struct ic_mls_message){at, len};
    else
        free(at);
    return err;
}

static enum ic_err make_welcome(struct ic_mls_message *out, const struct ic_suite *suite,
                                const struct ic_mls_welcome_plan *plan, struct ic_bytes info)
{
    size_t newcomer = IC_HASH_MAX + IC_KEM_ENC_MAX + secrets_size(plan) + IC_CIPHER_TAG_LEN +
                      3 * IC_MLS_HEADER_MAX;
    size_t size =
        MESSAGE_FRONT + 2 + plan->newcomer_count * newcomer + info.len + 2 * IC_MLS_HEADER_MAX;
    uint8_t *at = malloc(size);
    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    write_front(&w, IC_MLS_WELCOME);
    ic_write_uint(&w, suite->id, 2);
    enum ic_err err = write_newcomers(&w, suite, plan, info);
    ic_mls_write_vector(&w, info);
    return give(out, &w, err);
}

enum ic_err ic_mls_welcome_make(struct ic_mls_message *out, const struct ic_suite *suite,
                                const struct ic_mls_welcome_plan *plan)
{
    struct ic_mls_message info;

    if (plan->newcomer_count > IC_MLS_WELCOMED_MAX)
        return IC_ERR_FULL;
    enum ic_err err = seal_info(&info, suite, plan);
    if (err != IC_OK)
        return err;
    err = make_welcome(out, suite, plan, ic_mls_message_bytes(&info));
    ic_mls_message_clear(&info);
    return err;
}
