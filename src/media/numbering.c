/* Differences are kept modulo the width of each number, so that nothing has to be done where one
 * comes round. */
#include "media/numbering.h"

void ic_numbering_forget(struct ic_numbering *n)
{
    memset(n->runs, 0, sizeof n->runs);
}

static bool is_vp9(const struct ic_packet *packet)
{
    return packet->vp9.len > 0;
}

void ic_numbering_begin(struct ic_numbering *n, const struct ic_packet *packet, uint32_t timestamp)
{
    n->run++;
    *ic_filter_of(n, n->run) = (struct ic_layer_filter){0};
    *ic_run_now(n) = (struct ic_run){
        .used = true,
        .layer = packet->layer,
        .epoch = packet->epoch,
        .first = packet->seq,
        .newest = packet->seq - 1,
        .index_diff = n->index + (n->began ? 1 : 0) - packet->seq,
        .timestamp_diff = timestamp - packet->rtp.timestamp,
        .left_out_from = packet->seq,
        .frame_diff = (uint16_t)(n->frame + 1 - packet->frame.number),
        .picture_in = is_vp9(packet) ? packet->vp9.picture_id : packet->vp8.picture_id,
        .picture_out = (n->picture + 1) & IC_PICTURE_ID_MASK,
        .tl0_diff = (uint8_t)(n->tl0 + 1 - (is_vp9(packet) ? packet->vp9.tl0 : packet->vp8.tl0)),
        .key_index_diff = (n->key_index + 1 - packet->vp8.key_index) & IC_KEY_INDEX_MASK,
    };
}

bool ic_run_has(const struct ic_run *run, const struct ic_packet *packet)
{
    return run->used && run->layer == packet->layer && run->epoch == packet->epoch &&
           (int32_t)(packet->seq - run->first) >= 0;
}

bool ic_numbering_find_earlier(struct ic_numbering *n, const struct ic_packet *packet,
                               uint16_t *number)
{
    for (uint16_t back = 1; back < IC_RUNS; back++) {
        const struct ic_run *run = ic_run_at(n, (uint16_t)(n->run - back));
        if (ic_run_has(run, packet) && (int32_t)(run->newest - packet->seq) > 0) {
            *number = (uint16_t)(n->run - back);
            return true;
        }
    }
    return false;
}

/* ---- what is left out ---- */

static struct ic_mark *mark_at(struct ic_numbering *n, uint16_t number)
{
    return &n->marks[number % IC_MARKS];
}

/* The newest mark of the run that is not behind `seq`; it has all zeros if there is none. */
static struct ic_mark find_mark(struct ic_numbering *n, uint16_t number, uint32_t seq)
{
    for (uint16_t back = 0; back < IC_MARKS; back++) {
        const struct ic_mark *mark = mark_at(n, (uint16_t)(n->mark - back));
        if (mark->run == number && mark->left_out != 0 && (int32_t)(seq - mark->first) >= 0)
            return *mark;
    }
    return (struct ic_mark){0};
}

/* What was left out of the run before `seq`. */
static struct ic_mark left_out_before(struct ic_numbering *n, uint16_t number, uint32_t seq)
{
    const struct ic_run *run = ic_run_at(n, number);
    if ((int32_t)(seq - run->left_out_from) >= 0)
        return (struct ic_mark){.left_out = run->left_out, .pictures = run->pictures};
    return find_mark(n, number, seq);
}

uint64_t ic_numbering_index(struct ic_numbering *n, uint16_t number, uint32_t seq)
{
    return seq + ic_run_at(n, number)->index_diff - left_out_before(n, number, seq).left_out;
}

uint32_t ic_numbering_source(struct ic_numbering *n, uint16_t number, uint64_t index)
{
    const struct ic_run *run = ic_run_at(n, number);
    uint32_t least = (uint32_t)(index - run->index_diff);
    uint32_t newest = least + run->left_out;
    if ((int32_t)(newest - run->left_out_from) >= 0)
        return newest;
    for (uint16_t back = 0; back < IC_MARKS; back++) {
        const struct ic_mark *mark = mark_at(n, (uint16_t)(n->mark - back));
        if (mark->run == number && mark->left_out != 0 &&
            (int32_t)(least + mark->left_out - mark->first) >= 0)
            return least + mark->left_out;
    }
    return least;
}

/* What came before the oldest mark of its run cannot be placed without it. */
static void forget_mark(struct ic_numbering *n, uint16_t number)
{
    const struct ic_mark *oldest = mark_at(n, number);
    const struct ic_mark *next = mark_at(n, (uint16_t)(number + 1));
    struct ic_run *run = ic_run_at(n, oldest->run);
    if (oldest->left_out == 0 || (uint16_t)(n->run - oldest->run) >= IC_RUNS || !run->used)
        return;
    run->first = next->left_out != 0 && next->run == oldest->run ? next->first : oldest->first;
}

static void mark(struct ic_numbering *n, const struct ic_run *run)
{
    struct ic_mark *last = mark_at(n, n->mark);
    bool goes_on =
        last->left_out != 0 && last->run == n->run && last->first == run->left_out_from - 1;
    if (!goes_on) {
        forget_mark(n, ++n->mark);
        last = mark_at(n, n->mark);
    }
    *last = (struct ic_mark){run->left_out_from, n->run, run->left_out, run->pictures};
}

/* ---- pictures ---- */

/* A picture's id, before and after. */
struct picture {
    bool known;
    uint16_t in, out;
};

static uint16_t picture_out(const struct ic_run *run, uint8_t bits, uint16_t in)
{
    int shift = 16 - bits;
    uint16_t apart = (uint16_t)(in - run->picture_in);
    int16_t diff = (int16_t)((int16_t)(uint16_t)(apart << shift) >> shift);
    return (uint16_t)(run->picture_out + diff) & IC_PICTURE_ID_MASK;
}

/* `pictures` were left out before it. Only VP8's ids close up: those of VP9 tell which frames a
 * frame refers to. */
static struct picture picture_of(const struct ic_run *run, const struct ic_packet *packet,
                                 uint16_t pictures)
{
    const struct ic_vp8 *vp8 = &packet->vp8;
    const struct ic_vp9 *vp9 = &packet->vp9;
    if (vp9->has_picture_id)
        return (struct picture){true, vp9->picture_id,
                                picture_out(run, vp9->picture_bits, vp9->picture_id)};
    if (!vp8->has_picture_id)
        return (struct picture){0};
    uint16_t out = picture_out(run, vp8->picture_bits, vp8->picture_id);
    return (struct picture){true, vp8->picture_id,
                            (uint16_t)(out + run->pictures - pictures) & IC_PICTURE_ID_MASK};
}

bool ic_numbering_picture(struct ic_numbering *n, uint16_t number, const struct ic_packet *packet,
                          uint16_t *picture)
{
    uint16_t pictures = left_out_before(n, number, packet->seq).pictures;
    struct picture found = picture_of(ic_run_at(n, number), packet, pictures);
    if (found.known)
        *picture = found.out;
    return found.known;
}

/* ---- what is newest ---- */

static void note_picture(struct ic_numbering *n, struct ic_run *run, struct picture picture)
{
    if (!picture.known)
        return;
    run->picture_in = picture.in;
    n->picture = run->picture_out = picture.out;
}

/* What does not depend on whether the packet goes out. */
static void note_counts(struct ic_numbering *n, struct ic_run *run, const struct ic_packet *packet)
{
    run->newest = packet->seq;
    if (packet->vp8.has_tl0)
        n->tl0 = (uint8_t)(packet->vp8.tl0 + run->tl0_diff);
    if (packet->vp9.has_tl0)
        n->tl0 = (uint8_t)(packet->vp9.tl0 + run->tl0_diff);
    if (packet->vp8.has_key_index)
        n->key_index = (packet->vp8.key_index + run->key_index_diff) & IC_KEY_INDEX_MASK;
    if (packet->frame.known)
        n->frame = (uint16_t)(packet->frame.number + run->frame_diff);
}

void ic_numbering_sent(struct ic_numbering *n, uint16_t number, const struct ic_packet *packet)
{
    struct ic_run *run = ic_run_at(n, number);
    note_counts(n, run, packet);
    note_picture(n, run, picture_of(run, packet, run->pictures));
    n->timestamp = packet->rtp.timestamp + run->timestamp_diff;
    n->index = packet->seq + run->index_diff - run->left_out;
    n->began = true;
}

void ic_numbering_leave_out(struct ic_numbering *n, const struct ic_packet *packet, bool fresh)
{
    struct ic_run *run = ic_run_now(n);
    struct picture picture = picture_of(run, packet, run->pictures);
    uint16_t closes = fresh && packet->vp8.has_picture_id ? 1 : 0;
    picture.out = (uint16_t)(picture.out - closes) & IC_PICTURE_ID_MASK;
    note_counts(n, run, packet);
    note_picture(n, run, picture);
    run->left_out++;
    run->pictures = (uint16_t)(run->pictures + closes);
    run->left_out_from = packet->seq + 1;
    mark(n, run);
    n->index = packet->seq + run->index_diff - run->left_out;
}
