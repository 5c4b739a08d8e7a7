/* forward.c - where the worker spends its time. */
#include "worker/forward.h"

#include "worker/congestion.h"
#include "worker/feedback.h"
#include "worker/transport.h"
#include "worker/worker.h"

enum {
    PADDING_BIT = 0x20,
    MARKER_BIT = 0x80,
    PADDING_MOST = 4, /* browsers cut a frame into packets that differ by one to four bytes */
};

static void number_transport_wide(struct ic_transport *t, uint8_t *bytes)
{
    bytes[0] = (uint8_t)(t->twcc_seq >> 8);
    bytes[1] = (uint8_t)t->twcc_seq;
    t->twcc_seq++;
}

/* What every packet costs that gets a transport-wide number. */
static void account(struct ic_transport *t, uint8_t *number, size_t len, uint32_t name, int64_t now)
{
    if (t->congestion)
        ic_congestion_sent(t->congestion, t->twcc_seq, len, name, now);
    number_transport_wide(t, number);
}

/* RFC 3550 section 5.1: the last byte counts them all. */
static void write_padding(uint8_t *room, uint8_t *at, uint8_t padding)
{
    memset(at, 0, padding);
    at[padding - 1] = padding;
    room[0] |= PADDING_BIT;
}

/* `room` has the head already; `name` is for repair.h. */
static void send_out(struct ic_worker *w, struct ic_transport *t, uint8_t *room,
                     const struct ic_slot_out *out, uint32_t name)
{
    struct ic_srtp_packet p = {.bytes = room,
                               .len = out->head_len + out->body.len + out->padding,
                               .header_len = out->header_len,
                               .ssrc = out->ssrc,
                               .index = out->index};

    if (p.len + IC_SRTP_OVERHEAD > IC_DATAGRAM_MAX) {
        w->stats.dropped_malformed++;
        return;
    }
    memcpy(room + out->head_len, out->body.at, out->body.len);
    if (out->padding > 0)
        write_padding(room, room + out->head_len + out->body.len, out->padding);
    if (out->twcc_at > 0)
        account(t, room + out->twcc_at, p.len + IC_SRTP_OVERHEAD, name, w->now);
    if (ic_srtp_seal(t->sender, &p) == IC_OK)
        ic_net_append(w->net, &t->outbox, p.len);
    else
        w->stats.dropped_full++;
}

/* What has not been sent before. */
static void send_new(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint8_t *room,
                     const struct ic_slot_out *out)
{
    uint16_t seq = (uint16_t)out->index;
    bool repaired = t->slots[slot].rtx_ssrc != 0, ends = room[1] & MARKER_BIT;

    send_out(w, t, room, out, repaired ? ic_repair_name(slot, seq, false) : 0);
    if (t->congestion && t->congestion->repair.ahead && repaired)
        ic_repair_sent(w, t, slot, seq, ends);
}

static void forward_one(struct ic_worker *w, struct ic_transport *t, uint32_t slot,
                        const struct ic_packet *packet, uint8_t padding)
{
    struct ic_slot_out out;
    uint8_t *room = ic_net_room(w->net, IC_DATAGRAM_MAX);

    if (!ic_slot_forward(&t->slots[slot], packet, w->now, room, &out))
        return;
    out.padding = out.body.len > 0 ? padding : 0;
    if (!t->congestion ||
        ic_congestion_pass(w, t, slot, (uint16_t)out.index,
                           out.head_len + out.body.len + out.padding + IC_SRTP_OVERHEAD))
        send_new(w, t, slot, room, &out);
}

/* Pictures of one layer, whose heads will be equally long. */
static bool are_alike(const struct ic_packet *a, const struct ic_packet *b)
{
    return a->codec != IC_CODEC_OPUS && a->layer == b->layer &&
           a->dependency_bytes.len == b->dependency_bytes.len;
}

/* The packets from `first` on that are nearly as long as each other: gives the end of them, and
 * the length of the longest. */
static uint32_t find_level(const struct ic_group *g, uint32_t first, size_t *highest)
{
    size_t lowest = g->packets[first].rtp.payload.len;
    uint32_t end = first + 1;

    for (*highest = lowest; end < g->count; end++) {
        size_t len = g->packets[end].rtp.payload.len;
        size_t low = len < lowest ? len : lowest, high = len > *highest ? len : *highest;
        if (high - low > PADDING_MOST || !are_alike(&g->packets[first], &g->packets[end]))
            break;
        lowest = low;
        *highest = high;
    }
    return end;
}

/* The kernel takes packets of one length as one run (worker/run.h), and each run costs it as much
 * as several packets of one. */
static void pad_to_level(struct ic_group *g)
{
    size_t level;

    for (uint32_t first = 0, end; first < g->count; first = end) {
        end = find_level(g, first, &level);
        for (uint32_t i = first; i < end; i++)
            g->padding[i] = (uint8_t)(level - g->packets[i].rtp.payload.len);
    }
}

void ic_forward_now(struct ic_worker *w)
{
    struct ic_group *g = &w->group;
    if (g->count == 0)
        return;
    const struct ic_fanout *f = &g->source->member.fanouts[g->packets[0].upstream->stream];

    pad_to_level(g);
    for (uint32_t i = 0; i < f->count; i++) {
        struct ic_transport *t = ic_transport_of(f->takers[i].member);
        if (!t->sendable)
            continue;
        for (uint32_t k = 0; k < g->count; k++)
            forward_one(w, t, f->takers[i].slot, &g->packets[k], g->padding[k]);
        ic_feedback_wake_slots(w, t);
    }
    g->count = g->bytes = 0;
}

static bool holds_layer(const struct ic_group *g, uint8_t layer)
{
    for (uint32_t i = 0; i < g->count; i++)
        if (g->packets[i].layer == layer)
            return true;
    return false;
}

/* Nobody is on its layer, and nobody can go there with it: it begins nothing, and fills no hole.
 * If it is the only layer that comes, it still tells the slots that something does. */
static bool is_unwanted(const struct ic_group *g, const struct ic_packet *packet)
{
    uint32_t elsewhere = 0;

    if (!packet->newest || packet->key_start ||
        packet->upstream->layers[packet->layer].takers > 0 || holds_layer(g, packet->layer))
        return false;
    for (size_t i = 0; i < IC_LAYERS; i++)
        elsewhere += packet->upstream->layers[i].takers;
    return elsewhere > 0;
}

void ic_forward(struct ic_worker *w, struct ic_transport *source, const struct ic_packet *packet)
{
    struct ic_group *g = &w->group;
    uint32_t len = packet->rtp.header_len + (uint32_t)packet->rtp.payload.len;

    if (is_unwanted(g, packet))
        return;

    if (g->count > 0 && (g->packets[0].upstream != packet->upstream ||
                         g->count == IC_GROUP_PACKETS || g->bytes + len > IC_VIEWS_HOLD))
        ic_forward_now(w);
    g->source = source;
    g->packets[g->count++] = *packet;
    g->bytes += len;
}

size_t ic_forward_again(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq,
                        int64_t apart)
{
    struct ic_slot_out out;

    if (!t->sendable || (t->congestion && !ic_congestion_may_resend(t->congestion, w->now)))
        return 0;
    uint8_t *room = ic_net_room(w->net, IC_DATAGRAM_MAX);
    if (ic_slot_resend(&t->slots[slot], seq, apart, w->now, room, &out) != IC_OK)
        return 0;
    send_out(w, t, room, &out, ic_repair_name(slot, seq, true));
    w->stats.rtx_out++;
    return out.head_len + out.body.len;
}

void ic_forward_held(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq)
{
    struct ic_slot_out out;

    if (!t->sendable)
        return;
    uint8_t *room = ic_net_room(w->net, IC_DATAGRAM_MAX);
    if (ic_slot_recall(&t->slots[slot], seq, room, &out) == IC_OK)
        send_new(w, t, slot, room, &out);
}

size_t ic_forward_padding(struct ic_worker *w, struct ic_transport *t)
{
    struct ic_slot_out out;

    for (uint32_t i = 0; t->sendable && i < t->slot_count; i++) {
        uint8_t *room = ic_net_room(w->net, IC_DATAGRAM_MAX);
        if (!ic_slot_pad(&t->slots[i], room, &out) || out.twcc_at == 0)
            continue;
        send_out(w, t, room, &out, 0);
        return out.head_len + out.body.len;
    }
    return 0;
}
