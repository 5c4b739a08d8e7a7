/* extension.c - extension lists (RFC 9420 sections 7.2 and 13.4). */
#include "e2ee/mls/extension.h"

#include "e2ee/mls/codec.h"

bool ic_mls_extension_next(struct ic_reader *list, struct ic_mls_extension *out)
{
    if (list->bad || list->rest.len == 0)
        return false;
    out->type = (uint16_t)ic_read_uint(list, 2);
    out->data = ic_mls_read_vector(list);
    return !list->bad;
}

struct ic_bytes ic_mls_read_extensions(struct ic_reader *r)
{
    struct ic_bytes extensions = ic_mls_read_vector(r);
    struct ic_reader list = ic_reader_of(extensions);
    struct ic_mls_extension extension;
    uint16_t types[IC_MLS_EXTENSIONS_MAX];
    size_t count = 0;

    while (ic_mls_extension_next(&list, &extension)) {
        bool known = count == IC_MLS_EXTENSIONS_MAX;
        for (size_t i = 0; i < count && !known; i++)
            known = types[i] == extension.type;
        if (known) {
            list.bad = true;
            break;
        }
        types[count++] = extension.type;
    }
    if (list.bad)
        *r = (struct ic_reader){.bad = true};
    return r->bad ? (struct ic_bytes){0} : extensions;
}

void ic_mls_write_extension(struct ic_writer *w, uint16_t type, struct ic_bytes data)
{
    ic_write_uint(w, type, 2);
    ic_mls_write_vector(w, data);
}

bool ic_mls_extension_find(struct ic_bytes extensions, uint16_t type, struct ic_bytes *data)
{
    struct ic_reader list = ic_reader_of(extensions);
    struct ic_mls_extension extension;

    while (ic_mls_extension_next(&list, &extension))
        if (extension.type == type) {
            *data = extension.data;
            return true;
        }
    return false;
}

void ic_mls_read_required(struct ic_reader *r, struct ic_mls_required *out)
{
    out->extensions = ic_mls_read_numbers(r);
    out->proposals = ic_mls_read_numbers(r);
    out->credentials = ic_mls_read_numbers(r);
}

void ic_mls_read_external_sender(struct ic_reader *r, struct ic_mls_external_sender *out)
{
    out->signature_key = ic_mls_read_vector(r);
    ic_mls_read_credential(r, &out->credential);
}
