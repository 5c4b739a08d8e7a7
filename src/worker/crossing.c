/* crossing.c - one byte each for kind, stream and layer, four for the transport, then what the kind
 * has. */
#include "worker/crossing.h"

enum { RTP_HEADER_LEN = 12 };

static void read_packet(struct ic_reader *r, struct ic_crossing_record *out)
{
    uint64_t again = ic_read_uint(r, 1), len = ic_read_uint(r, 2);

    out->packet.again = again == 1;
    out->packet.rtp = ic_read_bytes(r, len);
    if (again > 1 || len < RTP_HEADER_LEN || len > IC_CROSSING_PACKET_MAX)
        r->bad = true;
}

static void read_report(struct ic_reader *r, struct ic_crossing_record *out)
{
    out->report.ntp = ic_read_uint(r, 8);
    out->report.timestamp = (uint32_t)ic_read_uint(r, 4);
    out->report.offset = (int64_t)ic_read_uint(r, 8);
    if (out->report.ntp == 0)
        r->bad = true;
}

static void read_missed(struct ic_reader *r, struct ic_crossing_record *out)
{
    uint64_t count = ic_read_uint(r, 1);

    if (count == 0 || count > IC_CROSSING_MISSED_MAX) {
        r->bad = true;
        return;
    }
    out->missed.count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++)
        out->missed.seqs[i] = (uint16_t)ic_read_uint(r, 2);
}

static void read_rest(struct ic_reader *r, struct ic_crossing_record *out)
{
    switch ((enum ic_crossing_kind)out->kind) {
    case IC_CROSSING_PACKET:
        read_packet(r, out);
        return;
    case IC_CROSSING_REPORT:
        read_report(r, out);
        return;
    case IC_CROSSING_KEY:
        return;
    case IC_CROSSING_MISSED:
        read_missed(r, out);
        return;
    case IC_CROSSING_LOSS:
        out->loss = (uint8_t)ic_read_uint(r, 1);
        return;
    }
    r->bad = true;
}

bool ic_crossing_read(struct ic_reader *r, struct ic_crossing_record *out)
{
    struct ic_crossing_record record = {0};

    if (r->bad || r->rest.len == 0)
        return false;
    record.kind = (uint8_t)ic_read_uint(r, 1);
    record.stream = (uint8_t)ic_read_uint(r, 1);
    record.layer = (uint8_t)ic_read_uint(r, 1);
    record.transport = (uint32_t)ic_read_uint(r, 4);
    if (record.stream >= IC_STREAMS || record.layer >= IC_LAYERS || record.transport == 0)
        r->bad = true;
    if (!r->bad)
        read_rest(r, &record);
    if (!r->bad)
        *out = record;
    return !r->bad;
}

static void write_missed(struct ic_writer *w, const struct ic_crossing_record *record)
{
    ic_write_uint(w, record->missed.count, 1);
    for (uint32_t i = 0; i < record->missed.count; i++)
        ic_write_uint(w, record->missed.seqs[i], 2);
}

void ic_crossing_write(struct ic_writer *w, const struct ic_crossing_record *record)
{
    ic_write_uint(w, record->kind, 1);
    ic_write_uint(w, record->stream, 1);
    ic_write_uint(w, record->layer, 1);
    ic_write_uint(w, record->transport, 4);
    switch ((enum ic_crossing_kind)record->kind) {
    case IC_CROSSING_PACKET:
        ic_write_uint(w, record->packet.again, 1);
        ic_write_uint(w, record->packet.rtp.len, 2);
        ic_write_bytes(w, record->packet.rtp);
        break;
    case IC_CROSSING_REPORT:
        ic_write_uint(w, record->report.ntp, 8);
        ic_write_uint(w, record->report.timestamp, 4);
        ic_write_uint(w, (uint64_t)record->report.offset, 8);
        break;
    case IC_CROSSING_KEY:
        break;
    case IC_CROSSING_MISSED:
        write_missed(w, record);
        break;
    case IC_CROSSING_LOSS:
        ic_write_uint(w, record->loss, 1);
        break;
    }
}
