/* Behind the RTP header: the original number of a retransmission, then the payload descriptor of
 * VP8 or VP9 or the headers of redundant audio. */
#include "media/rewrite.h"

static size_t write_descriptor(struct ic_slot *s, const struct ic_rewrite *what, uint8_t *out)
{
    const struct ic_packet *packet = what->packet;
    const struct ic_run *run = ic_run_at(&s->numbers, what->run);
    uint16_t picture = packet->vp9.picture_id;
    struct ic_vp8 vp8 = packet->vp8;
    bool has_picture = ic_numbering_picture(&s->numbers, what->run, packet, &picture);
    if (packet->vp9.len > 0)
        return ic_vp9_write(out, &packet->vp9, picture, (uint8_t)(packet->vp9.tl0 + run->tl0_diff));
    vp8.tl0 = (uint8_t)(vp8.tl0 + run->tl0_diff);
    vp8.key_index = (vp8.key_index + run->key_index_diff) & IC_KEY_INDEX_MASK;
    if (has_picture)
        vp8.picture_id = picture;
    return ic_vp8_write(out, &vp8);
}

/* Where sender and receiver have it. */
static void write_dependency(struct ic_slot *s, const struct ic_rewrite *what, uint8_t *head,
                             struct ic_slot_out *out)
{
    uint8_t bytes[IC_DEPENDENCY_WRITE_MAX];
    const struct ic_packet *packet = what->packet;
    const struct ic_dependency *d = &packet->dependency;
    uint16_t number = (uint16_t)(d->number + ic_run_at(&s->numbers, what->run)->frame_diff);
    uint32_t targets = 0;
    if (what->fate & IC_FATE_TOLD)
        targets = d->targets & ic_layers_targets(d->structure, what->fate >> IC_FATE_RUNG_SHIFT);
    size_t len = ic_dependency_write(bytes, d, packet->dependency_bytes, number, targets);
    out->header_len = ic_rtp_append_extension(head, &s->head, s->dependency_ext,
                                              (struct ic_bytes){bytes, len}, &out->twcc_at);
}

/* Does this receiver get the older frames, too? */
static bool stays_redundant(const struct ic_slot *s, const struct ic_packet *packet)
{
    return packet->red.count > 0 && s->red_pt != 0 && (s->redundant || packet->after_hole);
}

uint8_t ic_rewrite_pt(const struct ic_slot *s, const struct ic_packet *packet)
{
    return stays_redundant(s, packet) ? s->red_pt : s->pts[packet->codec];
}

/* Writes the headers of redundant audio; returns how much of the payload is not the body. */
static size_t write_red(const struct ic_slot *s, const struct ic_packet *packet, uint8_t *out,
                        size_t *len)
{
    if (!stays_redundant(s, packet))
        return packet->rtp.payload.len - ic_red_newest(&packet->red).len;
    *len += ic_red_write_header(out + *len, &packet->red, s->pts[IC_CODEC_OPUS]);
    return packet->red.header_len;
}

/* What stands in front of the body, behind the RTP header; returns how much of the payload is not
 * the body. */
static size_t write_front(struct ic_slot *s, const struct ic_rewrite *what, uint8_t *head,
                          size_t *len)
{
    const struct ic_packet *packet = what->packet;
    size_t skipped = packet->vp8.len + packet->vp9.len;
    if (what->resent) {
        head[(*len)++] = (uint8_t)(what->seq >> 8);
        head[(*len)++] = (uint8_t)what->seq;
    }
    if (what->fate & IC_FATE_EMPTY)
        return packet->rtp.payload.len;
    if (packet->red.count > 0)
        return write_red(s, packet, head, len);
    if (skipped > 0)
        *len += write_descriptor(s, what, head + *len);
    return skipped;
}

/* The header is completed in place: a copy would be read wider than it was just written, which
 * waits until all writes before it have found their memory. */
void ic_rewrite(struct ic_slot *s, struct ic_rewrite *what, uint8_t head[IC_SLOT_HEAD_MAX],
                struct ic_slot_out *out)
{
    const struct ic_packet *packet = what->packet;
    struct ic_rtp_header *header = &what->header;
    bool empty = what->fate & IC_FATE_EMPTY;
    bool ends = packet->rtp.marker || packet->frame.ends >> (what->fate >> IC_FATE_RUNG_SHIFT) & 1;

    header->timestamp = packet->rtp.timestamp + ic_run_at(&s->numbers, what->run)->timestamp_diff;
    header->marker = header->marker || (ends && !empty);
    ic_rtp_write(head, &s->head, header, packet->orientation);
    out->header_len = s->head.len;
    out->twcc_at = s->head.twcc_at;
    if (s->dependency_ext != 0 && packet->dependency_bytes.len > 0 && !empty)
        write_dependency(s, what, head, out);
    size_t len = out->header_len;
    size_t skipped = write_front(s, what, head, &len);
    out->head_len = (uint16_t)len;
    out->ssrc = header->ssrc;
    out->padding = 0;
    out->body.at = packet->rtp.payload.at + skipped;
    out->body.len = packet->rtp.payload.len - skipped;
}
