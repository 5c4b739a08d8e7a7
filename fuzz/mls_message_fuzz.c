/* mls_message_fuzz.c - every structure of MLS that a peer sends, read from the same bytes; what is
 * read as a content is written back as the same bytes. */
#include "e2ee/mls/codec.h"
#include "e2ee/mls/private_message.h"
#include "e2ee/mls/public_message.h"
#include "e2ee/mls/welcome.h"

#include <stdlib.h>

static void read_others(struct ic_bytes bytes)
{
    struct ic_mls_key_package package;
    struct ic_mls_private_message private;
    struct ic_mls_commit commit;
    struct ic_mls_welcome welcome;
    struct ic_mls_group_secrets secrets;
    struct ic_mls_group_info info;
    struct ic_reader r = ic_reader_of(bytes);
    ic_mls_read_key_package(&r, &package);
    r = ic_reader_of(bytes);
    ic_mls_read_private(&r, &private);
    r = ic_reader_of(bytes);
    ic_mls_read_commit(&r, &commit);
    r = ic_reader_of(bytes);
    ic_mls_read_welcome(&r, &welcome);
    r = ic_reader_of(bytes);
    ic_mls_read_group_secrets(&r, &secrets);
    r = ic_reader_of(bytes);
    ic_mls_read_group_info(&r, &info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_bytes bytes = {data, size};
    struct ic_mls_public_message message;
    struct ic_reader r = ic_reader_of(bytes);

    read_others(bytes);
    ic_mls_read_public(&r, &message);
    if (r.bad)
        return 0;
    const struct ic_mls_content *content = &message.authenticated.content;
    uint8_t *again = malloc(size);
    struct ic_writer w = ic_writer_of(again, size);
    ic_mls_write_content(&w, content);
    if (w.bad || !ic_bytes_equal(ic_written(&w), content->encoded))
        abort();
    free(again);
    return 0;
}
