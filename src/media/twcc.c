/* One feedback packet: a base number, a status for each packet from there on, in chunks of two
 * bytes, then a time difference for each that arrived, in ticks of 250 us:
 *
 *     0 0 S S L L L L  L L L L L L L L   run: L packets of status S
 *     1 0 s s s s s s  s s s s s s s s   14 packets, one bit: missing, small difference
 *     1 1 s s s s s s  s s s s s s s s   7 packets, two bits: also large difference
 */
#include "media/twcc.h"

#define TICK_NS INT64_C(250000)

enum {
    HEADER_LEN = 20, /* of the whole RTCP packet, up to the first chunk */
    RTCP_HEADER_LEN = 4,
    VERSION_2 = 0x80,
    PADDING = 0x20,
    TICKS_PER_REFERENCE = 256, /* 64 ms */
    ROLLOVER = 1 << 16,
    BACK_MAX = IC_TWCC_WINDOW / 2,
    STATUSES_MAX = 400, /* in one packet of ours: at most 916 bytes of chunks and differences */

    MISSING = 0,
    SMALL = 1, /* one byte, unsigned */
    LARGE = 2, /* two bytes, signed */

    VECTOR = 0x8000,
    TWO_BITS = 0x4000,
    RUN_MAX = 0x1FFF,
    ONE_BIT_COUNT = 14,
    TWO_BIT_COUNT = 7,
};

/* What one feedback packet says, before it is coded. */
struct draft {
    uint32_t reference; /* in 64 ms */
    size_t count;
    size_t deltas_len; /* coded */
    uint8_t status[STATUSES_MAX];
    int16_t delta[STATUSES_MAX];
};

void ic_twcc_init(struct ic_twcc_receiver *r)
{
    *r = (struct ic_twcc_receiver){0};
}

static uint32_t *arrival(struct ic_twcc_receiver *r, uint32_t seq)
{
    return &r->arrivals[seq % IC_TWCC_WINDOW];
}

static void advance(struct ic_twcc_receiver *r, uint32_t seq)
{
    if (seq - r->newest >= IC_TWCC_WINDOW)
        memset(r->arrivals, 0, sizeof r->arrivals);
    else
        for (uint32_t i = r->newest + 1; i != seq; i++)
            *arrival(r, i) = 0;
    *arrival(r, seq) = 0;
    r->newest = seq;
    if (r->newest - r->next >= IC_TWCC_WINDOW)
        r->next = r->newest - IC_TWCC_WINDOW + 1;
}

void ic_twcc_note(struct ic_twcc_receiver *r, uint16_t seq, int64_t now)
{
    if (!r->started) {
        r->started = true;
        r->newest = r->next = ROLLOVER + seq;
    }
    int16_t ahead = (int16_t)(uint16_t)(seq - (uint16_t)r->newest);
    uint32_t extended = r->newest + (uint32_t)(int32_t)ahead;
    if (ahead <= -BACK_MAX)
        return;
    if (ahead > 0)
        advance(r, extended);
    if (*arrival(r, extended) != 0)
        return;

    uint32_t tick = (uint32_t)(now / TICK_NS);
    *arrival(r, extended) = tick != 0 ? tick : 1;
    r->dirty = true;
    if ((int32_t)(extended - r->next) < 0)
        r->next = extended; /* it was reported missing; say it again */
}

bool ic_twcc_due(const struct ic_twcc_receiver *r, int64_t now)
{
    return r->dirty && now - r->written_at >= IC_TWCC_INTERVAL;
}

/* Collects statuses from `r->next` on, as many as one packet may hold: differences must fit into
 * 16 bits, else the rest waits for the next packet with its own reference time. */
static void collect(struct draft *d, struct ic_twcc_receiver *r)
{
    bool any = false;
    uint32_t last = 0;
    d->count = d->deltas_len = 0;
    d->reference = 0;
    for (uint32_t seq = r->next; seq != r->newest + 1 && d->count < STATUSES_MAX; seq++) {
        uint32_t tick = *arrival(r, seq);
        d->status[d->count] = MISSING;
        if (tick != 0) {
            if (!any) {
                d->reference = tick / TICKS_PER_REFERENCE;
                last = d->reference * TICKS_PER_REFERENCE;
                any = true;
            }
            int32_t delta = (int32_t)(tick - last);
            if (delta != (int16_t)delta)
                return;
            d->status[d->count] = delta >= 0 && delta <= UINT8_MAX ? SMALL : LARGE;
            d->delta[d->count] = (int16_t)delta;
            d->deltas_len += d->status[d->count];
            last = tick;
        }
        d->count++;
    }
}

static size_t run_length(const uint8_t *status, size_t count)
{
    size_t run = 1;
    while (run < count && run < RUN_MAX && status[run] == status[0])
        run++;
    return run;
}

static bool fits_one_bit(const uint8_t *status, size_t count)
{
    for (size_t i = 0; i < count && i < ONE_BIT_COUNT; i++)
        if (status[i] == LARGE)
            return false;
    return true;
}

/* Codes the first statuses into one chunk; returns how many. */
static size_t code_chunk(uint16_t *chunk, const uint8_t *status, size_t count)
{
    size_t run = run_length(status, count);
    bool one_bit = fits_one_bit(status, count);
    size_t per_vector = one_bit ? ONE_BIT_COUNT : TWO_BIT_COUNT;
    if (run == count || run >= per_vector) {
        *chunk = (uint16_t)(status[0] << 13 | run);
        return run;
    }
    unsigned bits = one_bit ? 1 : 2;
    *chunk = one_bit ? VECTOR : VECTOR | TWO_BITS;
    size_t taken = count < per_vector ? count : per_vector;
    for (size_t i = 0; i < taken; i++)
        *chunk |= (uint16_t)(status[i] << (ONE_BIT_COUNT - bits * (i + 1)));
    return taken;
}

static void write_chunks(struct ic_writer *w, const struct draft *d)
{
    for (size_t i = 0; i < d->count;) {
        uint16_t chunk;
        i += code_chunk(&chunk, d->status + i, d->count - i);
        ic_write_uint(w, chunk, 2);
    }
}

static void write_deltas(struct ic_writer *w, const struct draft *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->status[i] != MISSING)
            ic_write_uint(w, (uint16_t)d->delta[i], d->status[i]);
}

static void write_packet(struct ic_writer *w, const struct ic_twcc_receiver *r,
                         const struct draft *d, uint32_t sender, uint32_t media)
{
    size_t start = w->len;
    ic_write_uint(w, 0, RTCP_HEADER_LEN);
    ic_write_uint(w, sender, 4);
    ic_write_uint(w, media, 4);
    ic_write_uint(w, (uint16_t)r->next, 2);
    ic_write_uint(w, d->count, 2);
    ic_write_uint(w, d->reference & 0xFFFFFF, 3);
    ic_write_uint(w, r->feedbacks, 1);
    write_chunks(w, d);
    write_deltas(w, d);

    size_t pad = (4 - (w->len - start) % 4) % 4;
    if (pad > 0)
        ic_write_uint(w, pad, pad); /* zeros, then their count */
    if (w->bad)
        return;
    struct ic_writer header = ic_writer_of(w->at + start, RTCP_HEADER_LEN);
    ic_write_uint(&header, VERSION_2 | (pad > 0 ? PADDING : 0) | IC_RTCP_TWCC, 1);
    ic_write_uint(&header, IC_RTCP_TRANSPORT_FEEDBACK, 1);
    ic_write_uint(&header, (w->len - start) / 4 - 1, 2);
}

bool ic_twcc_write(struct ic_twcc_receiver *r, struct ic_writer *w, uint32_t sender, uint32_t media,
                   int64_t now)
{
    struct draft d;
    struct ic_writer trial = *w;
    r->dirty = r->dirty && r->next != r->newest + 1;
    if (!r->dirty)
        return false;
    collect(&d, r);
    write_packet(&trial, r, &d, sender, media);
    if (trial.bad) {
        w->bad = true;
        return true;
    }
    *w = trial;
    r->feedbacks++;
    r->next += (uint32_t)d.count;
    r->dirty = r->next != r->newest + 1;
    r->written_at = r->dirty ? r->written_at : now;
    return r->dirty;
}

struct reading {
    struct ic_twcc_result *results;
    size_t count, done;
    uint16_t base;
};

/* A status is kept as the length of its difference until that is read. */
static bool note_status(struct reading *g, unsigned status)
{
    if (status > LARGE)
        return false;
    if (g->done < g->count) {
        uint16_t seq = (uint16_t)(g->base + g->done);
        g->results[g->done++] = (struct ic_twcc_result){seq, status != MISSING, status};
    }
    return true;
}

static bool read_chunk(struct reading *g, uint16_t chunk)
{
    if (!(chunk & VECTOR)) {
        bool good = true;
        for (size_t left = chunk & RUN_MAX; good && left > 0 && g->done < g->count; left--)
            good = note_status(g, chunk >> 13 & 3);
        return good;
    }
    unsigned bits = chunk & TWO_BITS ? 2 : 1;
    for (unsigned i = 1; i <= ONE_BIT_COUNT / bits; i++)
        if (!note_status(g, chunk >> (ONE_BIT_COUNT - bits * i) & ((1u << bits) - 1)))
            return false;
    return true;
}

static void read_deltas(struct reading *g, struct ic_reader *r, uint32_t reference)
{
    int64_t ticks = (int64_t)reference * TICKS_PER_REFERENCE;
    for (size_t i = 0; i < g->count; i++) {
        struct ic_twcc_result *result = &g->results[i];
        if (!result->arrived)
            continue;
        if (result->at_ns == SMALL)
            ticks += (int64_t)ic_read_uint(r, 1);
        else
            ticks += (int16_t)(uint16_t)ic_read_uint(r, 2);
        result->at_ns = ticks * TICK_NS;
    }
}

enum ic_err ic_twcc_read(struct ic_twcc_result *results, size_t max, size_t *count,
                         const struct ic_rtcp *packet)
{
    struct ic_reader r = ic_reader_of(packet->body);
    ic_read_bytes(&r, 8); /* sender, media */
    struct reading g = {.results = results};
    g.base = (uint16_t)ic_read_uint(&r, 2);
    g.count = (size_t)ic_read_uint(&r, 2);
    uint32_t reference = (uint32_t)ic_read_uint(&r, 3);
    ic_read_bytes(&r, 1); /* feedback count */
    if (r.bad || packet->type != IC_RTCP_TRANSPORT_FEEDBACK || packet->count != IC_RTCP_TWCC)
        return IC_ERR_MALFORMED;
    if (g.count > max)
        return IC_ERR_FULL;
    while (g.done < g.count && !r.bad)
        if (!read_chunk(&g, (uint16_t)ic_read_uint(&r, 2)))
            return IC_ERR_MALFORMED;
    read_deltas(&g, &r, reference);
    if (r.bad)
        return IC_ERR_MALFORMED;
    *count = g.count;
    return IC_OK;
}
