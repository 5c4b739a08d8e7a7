/* A TCP stream in pieces of any size: the same packets come out as from the stream in one, and the
 * first broken length ends it. Each piece has its length, one byte, before it. */
#include "worker/framing.h"

#include <stdlib.h>

enum { STREAM_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes what is whole, and holds it against the stream. False: the stream is broken. */
static bool take_packets(struct ic_framing *f, const uint8_t *stream, size_t stream_len, size_t *at)
{
    uint8_t *packet;
    size_t len;
    enum ic_err err;

    while ((err = ic_framing_next(f, &packet, &len)) == IC_OK) {
        size_t said = (size_t)stream[*at] << 8 | stream[*at + 1];
        if (len == 0 || len > IC_FRAMING_PACKET_MAX || len != said ||
            *at + IC_FRAMING_HEAD_LEN + len > stream_len ||
            memcmp(packet, stream + *at + IC_FRAMING_HEAD_LEN, len) != 0)
            abort();
        packet[len - 1] ^= 1; /* it may be changed in place */
        *at += IC_FRAMING_HEAD_LEN + len;
    }
    return err == IC_ERR_NOT_FOUND;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_framing f;
    static uint8_t stream[STREAM_MAX];
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    size_t stream_len = 0, at = 0;

    memset(&f, 0, sizeof f);
    while (r.rest.len > 1 && stream_len + 255 <= sizeof stream) {
        size_t room_len, wanted = (size_t)ic_read_uint(&r, 1);
        uint8_t *room = ic_framing_room(&f, &room_len);
        if (room_len == 0)
            abort();
        wanted = wanted < room_len ? wanted : room_len;
        struct ic_bytes piece = ic_read_bytes(&r, wanted < r.rest.len ? wanted : r.rest.len);
        if (piece.len > 0) {
            memcpy(room, piece.at, piece.len);
            memcpy(stream + stream_len, piece.at, piece.len);
        }
        stream_len += piece.len;
        ic_framing_grew(&f, piece.len);
        if (!take_packets(&f, stream, stream_len, &at))
            break;
    }
    return 0;
}
