/* transport.c - the life of a transport. Its memory is one mapping of zeroes: what a client never
 * uses (most of the history, most slots) costs address space only, and leaving gives all of it
 * back. */
#include "worker/transport.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/log.h"
#include "crypto/random.h"
#include "worker/congestion.h"
#include "worker/feedback.h"
#include "worker/forward.h"
#include "worker/handshake.h"
#include "worker/worker.h"

static const char *const state_names[] = {
    [IC_TRANSPORT_NEW] = "new",
    [IC_TRANSPORT_CHECKED] = "checked",
    [IC_TRANSPORT_CONNECTED] = "connected",
    [IC_TRANSPORT_LOST] = "lost",
    [IC_TRANSPORT_FAILED] = "failed",
};

/* ---- memory ---- */

/* The parts of the mapping, as offsets. */
struct layout {
    size_t slots, sent, congestion, packets, publisher, history, end;
    uint32_t slot_count;
    bool publishes;
    bool counts; /* some slot gets transport-wide numbers */
};

enum { ALIGN = 64 };

static size_t append(struct layout *l, size_t len)
{
    size_t at = l->end;
    l->end = (at + len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    return at;
}

static size_t sent_count(const struct ic_line *line)
{
    return line->codec == IC_CODEC_OPUS ? IC_SLOT_SENT_VOICE : IC_SLOT_SENT_VIDEO;
}

static struct layout lay_out(const struct ic_line *lines, uint32_t count)
{
    struct layout l = {0};
    size_t sent = 0;

    for (uint32_t i = 0; i < count; i++) {
        l.slot_count += lines[i].is_slot;
        l.publishes = l.publishes || !lines[i].is_slot;
        l.counts = l.counts || (lines[i].is_slot && lines[i].ext[IC_EXT_TWCC] != 0);
        sent += lines[i].is_slot ? sent_count(&lines[i]) : 0;
    }
    append(&l, sizeof(struct ic_transport));
    l.slots = append(&l, l.slot_count * sizeof(struct ic_slot));
    l.sent = append(&l, sent * sizeof(struct ic_slot_sent));
    l.congestion = append(&l, l.counts ? sizeof(struct ic_congestion) : 0);
    size_t packets = l.counts ? ic_congestion_packets(lines, count) : 0;
    l.packets = append(&l, packets * sizeof(struct ic_bwe_packet));
    l.publisher = append(&l, l.publishes ? sizeof(struct ic_publisher) : 0);
    l.history = append(&l, ic_publisher_history_size(lines, count));
    return l;
}

/* Room in the mapping for an object of any type: offsets are multiples of ALIGN. */
static void *part(void *base, size_t at)
{
    return (uint8_t *)base + at;
}

static void init_slots(struct ic_transport *t, const struct ic_line *lines, uint32_t count,
                       struct ic_slot_sent *sent)
{
    uint32_t slot = 0;

    for (uint32_t i = 0; i < IC_LINES_MAX; i++) {
        t->slot_of_line[i] = -1;
        if (i >= count || !lines[i].is_slot)
            continue;
        struct {
            uint32_t timestamp;
            uint16_t seq;
        } first;
        ic_random_fill(&first, sizeof first);
        ic_slot_init(&t->slots[slot], &lines[i], sent, sent_count(&lines[i]), first.seq,
                     first.timestamp);
        sent += sent_count(&lines[i]);
        t->slot_of_line[i] = (int8_t)slot++;
    }
}

static void init(struct ic_transport *t, const struct layout *l, const struct ic_control *order,
                 int64_t now)
{
    const struct ic_line *lines = order->add.lines;
    uint32_t count = order->add.line_count, ssrc;

    t->id = order->transport;
    t->size = l->end;
    t->feedback_due = t->tick_due = t->connection_due = INT64_MAX;
    memcpy(t->fingerprint, order->add.fingerprint, sizeof t->fingerprint);
    ic_ice_init(&t->ice, &order->add.ours, &order->add.theirs);
    ic_police_init(&t->police, lines, count);
    t->slot_count = l->slot_count;
    t->slots = part(t, l->slots);
    init_slots(t, lines, count, part(t, l->sent));
    if (l->counts) {
        t->congestion = part(t, l->congestion);
        ic_congestion_init(t, lines, count, part(t, l->packets), now);
    }
    if (l->publishes) {
        ic_random_fill(&ssrc, sizeof ssrc);
        t->publisher = part(t, l->publisher);
        ic_publisher_init(t->publisher, lines, count, part(t, l->history), ssrc);
    }
}

static void release(struct ic_transport *t)
{
    ic_ice_clear(&t->ice);
    ic_dtls_free(t->dtls);
    ic_srtp_sender_free(t->sender);
    ic_srtp_receiver_free(t->receiver);
    free(t->shares);
    munmap(t, t->size);
}

static enum ic_err add_ufrag(struct ic_worker *w, struct ic_transport *t, const char *ufrag)
{
    uint32_t hash = ic_directory_ufrag_hash(ic_bytes_of_text(ufrag));
    enum ic_err err = ic_index_add(&w->directory.ufrags, hash, t->place);
    if (err != IC_OK)
        return err;

    /* A restart that was never used is replaced, not the credentials in use. */
    if (t->ufrag_count == IC_COUNT(t->ufrag_hashes))
        ic_index_remove(&w->directory.ufrags, t->ufrag_hashes[0], t->place);
    else
        t->ufrag_hashes[t->ufrag_count++] = t->ufrag_hashes[0];
    t->ufrag_hashes[0] = hash;
    return IC_OK;
}

static void forget_oldest_ufrag(struct ic_worker *w, struct ic_transport *t)
{
    if (t->ufrag_count > 0)
        ic_index_remove(&w->directory.ufrags, t->ufrag_hashes[--t->ufrag_count], t->place);
}

enum ic_err ic_transport_new(struct ic_worker *w, const struct ic_control *order)
{
    struct layout l = lay_out(order->add.lines, order->add.line_count);
    struct ic_transport *t =
        mmap(NULL, l.end, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (t == MAP_FAILED)
        return IC_ERR_SYSTEM;

    init(t, &l, order, w->now);
    enum ic_err err = ic_directory_add(&w->directory, t, t->id, &t->place);
    if (err != IC_OK)
        goto unmapped;
    err = add_ufrag(w, t, order->add.ours.ufrag);
    if (err != IC_OK)
        goto unlisted;
    err = ic_room_join(&w->rooms, order->room, &t->member);
    if (err != IC_OK)
        goto unnamed;
    return IC_OK;

unnamed:
    forget_oldest_ufrag(w, t);
unlisted:
    ic_directory_remove(&w->directory, t->place);
unmapped:
    release(t);
    return err;
}

static void init_far(struct ic_transport *t, const struct layout *l, const struct ic_control *order)
{
    t->id = order->transport;
    t->size = l->end;
    t->is_far = true;
    t->home = order->source.home;
    t->feedback_due = t->tick_due = t->connection_due = INT64_MAX;
    memset(t->slot_of_line, -1, sizeof t->slot_of_line);
    t->publisher = part(t, l->publisher);
    ic_publisher_init(t->publisher, order->source.lines, order->source.line_count,
                      part(t, l->history), 0);
}

enum ic_err ic_transport_new_far(struct ic_worker *w, const struct ic_control *order)
{
    struct layout l = lay_out(order->source.lines, order->source.line_count);
    struct ic_transport *t =
        mmap(NULL, l.end, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (t == MAP_FAILED)
        return IC_ERR_SYSTEM;

    init_far(t, &l, order);
    enum ic_err err = ic_directory_add(&w->directory, t, t->id, &t->place);
    if (err != IC_OK)
        goto unmapped;
    err = ic_room_join(&w->rooms, order->room, &t->member);
    if (err == IC_OK)
        return IC_OK;
    ic_directory_remove(&w->directory, t->place);
unmapped:
    release(t);
    return err;
}

/* What the publisher counted outlives it. */
static void keep_counts(struct ic_worker *w, const struct ic_transport *t)
{
    if (!t->publisher)
        return;
    w->stats.nacks_out += t->publisher->nacks;
    w->stats.plis_out += t->publisher->plis;
    w->stats.rtx_in += t->publisher->resent;
}

static void forget_path(struct ic_worker *w, struct ic_transport *t, struct ic_path *path)
{
    if (path->remote.family == IC_FAMILY_NONE)
        return;
    ic_index_remove(&w->directory.addresses, ic_address_hash(&path->remote), t->place);
    ic_net_close(w->net, path);
    *path = (struct ic_path){0};
}

static void silence_slot(void *context, struct ic_member *member, uint32_t slot)
{
    (void)context;
    ic_slot_point(&ic_transport_of(member)->slots[slot], NULL, 0);
}

void ic_transport_free(struct ic_worker *w, struct ic_transport *t)
{
    ic_forward_now(w);
    ic_net_flush(w->net); /* its outbox may hold packets */
    for (uint32_t i = 0; i < t->slot_count; i++)
        ic_slot_point(&t->slots[i], NULL, 0);
    ic_room_leave(&w->rooms, &t->member, silence_slot, NULL);
    for (size_t i = 0; i < IC_COUNT(t->paths); i++)
        forget_path(w, t, &t->paths[i]);
    while (t->ufrag_count > 0)
        forget_oldest_ufrag(w, t);
    ic_directory_remove(&w->directory, t->place);
    keep_counts(w, t);
    release(t);
    ic_handshakes_freed(w);
}

/* ---- ICE ---- */

enum ic_err ic_transport_restart(struct ic_worker *w, struct ic_transport *t,
                                 const struct ic_control *order)
{
    enum ic_err err = add_ufrag(w, t, order->restart.ours.ufrag);
    if (err == IC_OK)
        ic_ice_restart(&t->ice, &order->restart.ours, &order->restart.theirs);
    return err;
}

const struct ic_path *ic_transport_path(const struct ic_transport *t,
                                        const struct ic_address *remote)
{
    for (size_t i = 0; i < IC_COUNT(t->paths); i++)
        if (ic_address_equal(&t->paths[i].remote, remote))
            return &t->paths[i];
    return NULL;
}

/* The place of this address, else a free one, else that of one which the ICE agent has forgotten.
 */
static struct ic_path *path_place(struct ic_worker *w, struct ic_transport *t,
                                  const struct ic_address *remote)
{
    struct ic_path *spare = NULL;

    for (size_t i = 0; i < IC_COUNT(t->paths); i++) {
        struct ic_path *p = &t->paths[i];
        if (ic_address_equal(&p->remote, remote))
            return p;
        if (p->remote.family == IC_FAMILY_NONE || !ic_ice_knows(&t->ice, w->now, &p->remote))
            spare = p;
    }
    return spare;
}

void ic_transport_learn(struct ic_worker *w, struct ic_transport *t, const struct ic_path *path)
{
    struct ic_path *p = path_place(w, t, &path->remote);

    if (!p)
        return;
    if (!ic_address_equal(&p->remote, &path->remote)) {
        forget_path(w, t, p);
        if (ic_index_add(&w->directory.addresses, ic_address_hash(&path->remote), t->place) !=
            IC_OK)
            return;
    }
    *p = *path;
    ic_net_trust(w->net, path);
}

void ic_transport_update_sendable(struct ic_worker *w, struct ic_transport *t)
{
    const struct ic_address *selected = ic_ice_selected(&t->ice);
    const struct ic_path *path = selected ? ic_transport_path(t, selected) : NULL;

    if (t->outbox.count > 0)
        ic_net_flush(w->net);
    t->sendable = t->sender && path && t->state != IC_TRANSPORT_FAILED;
    if (path)
        t->outbox.path = *path;
}

/* A client that read slowly would get what is queued long after its last check (RFC 7675). */
static void close_unchecked(struct ic_worker *w, struct ic_transport *t)
{
    for (size_t i = 0; i < IC_COUNT(t->paths); i++)
        if (t->paths[i].remote.protocol == IC_TCP &&
            !ic_ice_knows(&t->ice, w->now, &t->paths[i].remote))
            forget_path(w, t, &t->paths[i]);
}

void ic_transport_ice_events(struct ic_worker *w, struct ic_transport *t, unsigned events)
{
    close_unchecked(w, t);
    if (events & IC_ICE_RESTARTED && t->ufrag_count > 1)
        forget_oldest_ufrag(w, t);
    if (events & IC_ICE_CHECKED)
        ic_transport_set_state(w, t, t->sender ? IC_TRANSPORT_CONNECTED : IC_TRANSPORT_CHECKED);
    if (events & IC_ICE_SELECTED && t->congestion)
        ic_congestion_rerouted(t->congestion);
    if (events & IC_ICE_LOST)
        ic_transport_set_state(w, t, IC_TRANSPORT_LOST);
    if (events)
        ic_transport_update_sendable(w, t);
    ic_transport_schedule_connection(w, t);
}

void ic_transport_schedule_connection(struct ic_worker *w, struct ic_transport *t)
{
    int64_t dtls = t->dtls ? ic_dtls_next_timeout(t->dtls) : INT64_MAX;

    t->connection_due = ic_ice_next_timeout(&t->ice);
    if (dtls < t->connection_due)
        t->connection_due = dtls;
    ic_directory_schedule(&w->directory, t->place, t->connection_due);
}

void ic_transport_set_state(struct ic_worker *w, struct ic_transport *t,
                            enum ic_transport_state state)
{
    if (t->state == state || t->state == IC_TRANSPORT_FAILED)
        return;
    t->state = state;
    w->untold = w->directory.changed[t->place] = true;
    ic_log(IC_LOG_INFO, "transport", IC_EVENT("state"), IC_NUMBER("transport", t->id),
           IC_TEXT("state", state_names[state]));
}

/* ---- slots ---- */

void ic_transport_hurry_feedback(struct ic_worker *w, struct ic_transport *t)
{
    t->feedback_due = w->now;
    ic_directory_schedule(&w->directory, t->place, w->now);
}

enum ic_err ic_transport_point(struct ic_worker *w, struct ic_transport *t, uint32_t line,
                               struct ic_transport *source, uint8_t stream, uint8_t layer)
{
    struct ic_upstream *up = NULL;
    int slot = t->slot_of_line[line];

    if (slot < 0)
        return IC_ERR_NOT_FOUND;
    ic_forward_now(w);
    if (source && source->publisher)
        up = ic_publisher_upstream(source->publisher, stream);
    enum ic_err err =
        ic_room_point(&t->member, (uint32_t)slot, up ? &source->member : NULL, stream);
    bool another = t->slots[slot].upstream != up;
    ic_slot_point(&t->slots[slot], err == IC_OK ? up : NULL, layer);
    if (t->congestion && up)
        ic_congestion_pointed(w, t, (uint32_t)slot, another);
    if (err == IC_OK && up)
        ic_transport_hurry_feedback(w, source);
    return err == IC_OK && source && !up ? IC_ERR_NOT_FOUND : err;
}

/* ---- time ---- */

int64_t ic_transport_attend(struct ic_worker *w, struct ic_transport *t)
{
    if (t->is_far) {
        ic_feedback_attend(w, t);
        return t->feedback_due;
    }
    if (w->now >= t->connection_due) {
        ic_transport_ice_events(w, t, ic_ice_advance(&t->ice, w->now));
        ic_handshake_attend(w, t);
    }
    ic_feedback_attend(w, t);
    if (t->congestion)
        ic_congestion_attend(w, t);

    int64_t next = t->connection_due < t->feedback_due ? t->connection_due : t->feedback_due;
    if (t->congestion && t->congestion->due < next)
        next = t->congestion->due;
    return t->tick_due < next ? t->tick_due : next;
}
