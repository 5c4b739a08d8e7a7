/* capabilities.c - lists of what members can do, built and compared (RFC 9420 sections 7.2, 11.1
 * and 12.1.8.1). */
#include "e2ee/mls/capabilities.h"

#include "e2ee/mls/codec.h"
#include "e2ee/mls/proposal.h"

void ic_mls_write_numbers(struct ic_writer *w, const uint16_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ic_write_uint(w, numbers[i], 2);
}

void ic_mls_write_required(struct ic_writer *w, const struct ic_mls_required *required)
{
    ic_mls_write_vector(w, required->extensions);
    ic_mls_write_vector(w, required->proposals);
    ic_mls_write_vector(w, required->credentials);
}

void ic_mls_write_external_senders(struct ic_writer *w,
                                   const struct ic_mls_external_sender *senders, size_t count)
{
    size_t list = ic_mls_list_begin(w);
    for (size_t i = 0; i < count; i++) {
        ic_mls_write_vector(w, senders[i].signature_key);
        ic_mls_write_credential(w, &senders[i].credential);
    }
    ic_mls_list_end(w, list);
}

void ic_mls_write_one_vector(struct ic_writer *w, struct ic_bytes bytes)
{
    ic_mls_write_vector(w, bytes);
}

/* ---- Our own ---- */

static struct ic_bytes since(const struct ic_writer *w, size_t begin)
{
    return (struct ic_bytes){w->at + begin, w->len - begin};
}

static struct ic_bytes write_suites(struct ic_writer *w)
{
    size_t begin = w->len;
    for (size_t i = 0; i < IC_SUITE_COUNT; i++)
        if (ic_suite_available(&IC_SUITES[i]))
            ic_mls_write_numbers(w, &IC_SUITES[i].id, 1);
    return since(w, begin);
}

static struct ic_bytes write_list(struct ic_writer *w, const uint16_t *first, size_t first_count,
                                  const uint16_t *more, size_t more_count)
{
    size_t begin = w->len;
    ic_mls_write_numbers(w, first, first_count);
    ic_mls_write_numbers(w, more, more_count);
    return since(w, begin);
}

enum ic_err ic_mls_own_capabilities_init(struct ic_mls_own_capabilities *out,
                                         const uint16_t *extensions, size_t extension_count,
                                         const uint16_t *proposals, size_t proposal_count)
{
    static const uint16_t VERSIONS[] = {IC_MLS_VERSION}, PROPOSALS[] = {IC_MLS_SELF_REMOVE},
                          CREDENTIALS[] = {IC_MLS_CREDENTIAL_BASIC, IC_MLS_CREDENTIAL_X509};
    struct ic_writer w = ic_writer_of(out->bytes, sizeof out->bytes);
    struct ic_mls_capabilities lists = {
        .versions = write_list(&w, VERSIONS, IC_COUNT(VERSIONS), NULL, 0),
        .suites = write_suites(&w),
    };

    lists.extensions = write_list(&w, extensions, extension_count, NULL, 0);
    lists.proposals = write_list(&w, PROPOSALS, IC_COUNT(PROPOSALS), proposals, proposal_count);
    lists.credentials = write_list(&w, CREDENTIALS, IC_COUNT(CREDENTIALS), NULL, 0);
    if (w.bad)
        return IC_ERR_FULL;
    out->lists = lists;
    return IC_OK;
}

/* ---- Finding ---- */

enum ic_err ic_mls_required_find(struct ic_mls_required *out, struct ic_bytes extensions)
{
    struct ic_mls_required required;
    struct ic_bytes data;

    if (!ic_mls_extension_find(extensions, IC_MLS_EXT_REQUIRED_CAPABILITIES, &data)) {
        *out = (struct ic_mls_required){0};
        return IC_OK;
    }
    struct ic_reader r = ic_reader_of(data);
    ic_mls_read_required(&r, &required);
    enum ic_err err = ic_mls_finish(&r);
    if (err == IC_OK)
        *out = required;
    return err;
}

/* The list inside an ExternalSenders extension; empty when there is none. */
static enum ic_err find_senders(struct ic_bytes *list, struct ic_bytes extensions)
{
    struct ic_bytes data;

    *list = (struct ic_bytes){0};
    if (!ic_mls_extension_find(extensions, IC_MLS_EXT_EXTERNAL_SENDERS, &data))
        return IC_OK;
    struct ic_reader r = ic_reader_of(data);
    *list = ic_mls_read_vector(&r);
    return ic_mls_finish(&r);
}

enum ic_err ic_mls_external_sender_find(struct ic_mls_external_sender *out,
                                        struct ic_bytes extensions, uint32_t index)
{
    struct ic_mls_external_sender sender;
    struct ic_bytes list;

    if (find_senders(&list, extensions) != IC_OK)
        return IC_ERR_NOT_FOUND;
    struct ic_reader r = ic_reader_of(list);
    for (uint32_t i = 0; r.rest.len > 0; i++) {
        ic_mls_read_external_sender(&r, &sender);
        if (i == index && !r.bad) {
            *out = sender;
            return IC_OK;
        }
    }
    return IC_ERR_NOT_FOUND;
}

enum ic_err ic_mls_one_vector_find(struct ic_bytes *out, struct ic_bytes extensions, uint16_t type)
{
    struct ic_bytes data;

    if (!ic_mls_extension_find(extensions, type, &data))
        return IC_ERR_NOT_FOUND;
    struct ic_reader r = ic_reader_of(data);
    struct ic_bytes inner = ic_mls_read_vector(&r);
    enum ic_err err = ic_mls_finish(&r);
    if (err == IC_OK)
        *out = inner;
    return err;
}

bool ic_mls_context_extensions_are_sound(struct ic_bytes extensions)
{
    struct ic_mls_external_sender sender;
    struct ic_mls_required required;
    struct ic_bytes list;

    if (ic_mls_required_find(&required, extensions) != IC_OK ||
        find_senders(&list, extensions) != IC_OK)
        return false;
    struct ic_reader r = ic_reader_of(list);
    while (r.rest.len > 0)
        ic_mls_read_external_sender(&r, &sender);
    return !r.bad;
}

/* ---- Comparing ---- */

static bool all_listed(struct ic_bytes wanted, struct ic_bytes listed, uint16_t but_up_to)
{
    struct ic_reader r = ic_reader_of(wanted);
    while (r.rest.len > 0) {
        uint16_t number = (uint16_t)ic_read_uint(&r, 2);
        if (number > but_up_to && !ic_mls_numbers_have(listed, number))
            return false;
    }
    return true;
}

static bool extensions_listed(struct ic_bytes extensions, struct ic_bytes listed)
{
    struct ic_reader r = ic_reader_of(extensions);
    struct ic_mls_extension extension;
    while (ic_mls_extension_next(&r, &extension))
        if (extension.type > IC_MLS_EXT_LAST_DEFAULT &&
            !ic_mls_numbers_have(listed, extension.type))
            return false;
    return true;
}

bool ic_mls_leaf_is_able(const struct ic_mls_leaf_node *leaf, const struct ic_suite *suite,
                         struct ic_bytes context_extensions, const struct ic_mls_required *required)
{
    const struct ic_mls_capabilities *can = &leaf->capabilities;
    return ic_mls_numbers_have(can->versions, IC_MLS_VERSION) &&
           ic_mls_numbers_have(can->suites, suite->id) &&
           ic_mls_numbers_have(can->credentials, (uint16_t)leaf->credential.type) &&
           extensions_listed(leaf->extensions, can->extensions) &&
           extensions_listed(context_extensions, can->extensions) &&
           all_listed(required->extensions, can->extensions, IC_MLS_EXT_LAST_DEFAULT) &&
           all_listed(required->proposals, can->proposals, IC_MLS_GROUP_CONTEXT_EXTENSIONS) &&
           all_listed(required->credentials, can->credentials, 0);
}
