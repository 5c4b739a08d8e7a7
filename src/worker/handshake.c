/* handshake.c - datagrams wait by transport id, since a transport may be gone when its turn comes.
 */
#include "worker/handshake.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "crypto/secret.h"
#include "worker/transport.h"
#include "worker/worker.h"

enum {
    WAITING_MAX = 256,
    WAITING_EACH = 16,      /* of one client; a whole flight is six */
    TURNS = 4,              /* datagrams a wake-up; one may cost 0.6 ms */
    STREAMS_MAX = 32,       /* SSRCs that one client may send with, retransmissions included */
    STREAMS_LISTENER = 2,   /* of one that has no send line, whose packets go nowhere */
    REHEARSAL_ROUNDS = 4,   /* of flights; three are enough */
    KEEP_BYTES = 256 << 20, /* of the heap's end, until the next trim */
};

/* After the last handshake of a crowd: freed memory of the library is scattered over the heap. */
#define TRIM_AFTER (200 * IC_NS_PER_MS)

struct waiting {
    uint32_t transport;
    uint16_t len;
    uint8_t bytes[IC_DATAGRAM_MAX];
};

#define WAITING_BYTES (WAITING_MAX * sizeof(struct waiting))

struct ic_handshakes {
    int64_t trim_at; /* INT64_MAX: nothing was freed */
    uint32_t first, count;
    struct waiting *waiting; /* WAITING_MAX of them, a mapping of zeroes */
};

/* Freed memory is given back by trim() alone: else the end of each handshake would return pages
 * that the next one faults in again. */
enum ic_err ic_handshakes_new(struct ic_handshakes **out)
{
    mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
    struct ic_handshakes *h = calloc(1, sizeof *h);

    if (!h)
        return IC_ERR_SYSTEM;
    h->waiting =
        mmap(NULL, WAITING_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (h->waiting == MAP_FAILED) {
        free(h);
        return IC_ERR_SYSTEM;
    }
    h->trim_at = INT64_MAX;
    *out = h;
    return IC_OK;
}

void ic_handshakes_free(struct ic_handshakes *h)
{
    if (!h)
        return;
    munmap(h->waiting, WAITING_BYTES);
    free(h);
}

bool ic_handshakes_wait(const struct ic_handshakes *h)
{
    return h->count > 0;
}

/* ---- memory ---- */

void ic_handshakes_freed(struct ic_worker *w)
{
    w->handshakes->trim_at = w->now + TRIM_AFTER;
}

int64_t ic_handshakes_due(const struct ic_handshakes *h)
{
    return h->trim_at;
}

/* One handshake takes some 60 KiB while it lasts, and what lasts longer comes to lie in between. */
static void trim(struct ic_worker *w)
{
    struct ic_handshakes *h = w->handshakes;

    if (w->now < h->trim_at || h->count > 0)
        return;
    h->trim_at = INT64_MAX;
    malloc_trim(0);
    madvise(h->waiting, WAITING_BYTES, MADV_DONTNEED);
}

/* ---- rehearsal ---- */

static void deliver(struct ic_dtls *from, struct ic_dtls *to, int64_t now)
{
    struct ic_bytes datagram;

    while (ic_dtls_next_datagram(from, &datagram))
        ic_dtls_receive(to, now, datagram);
}

static bool shake_hands(struct ic_dtls *client, struct ic_dtls *server, int64_t now)
{
    for (int i = 0; i < REHEARSAL_ROUNDS; i++) {
        deliver(client, server, now);
        deliver(server, client, now);
    }
    return ic_dtls_state(client) == IC_DTLS_CONNECTED && ic_dtls_state(server) == IC_DTLS_CONNECTED;
}

static enum ic_err try_keys(struct ic_dtls *server)
{
    struct ic_srtp_session session;
    struct ic_srtp_sender *sender = NULL;
    struct ic_srtp_keys keys;
    uint8_t packet[12 + IC_SRTP_OVERHEAD] = {0x80};

    enum ic_err err = ic_dtls_take_keys(server, &keys);
    if (err == IC_OK)
        err = ic_srtp_derive(&session, &keys.send);
    if (err == IC_OK)
        err = ic_srtp_sender_new(&sender, keys.profile, &session, 1);
    if (err == IC_OK)
        err = ic_srtp_seal(sender, &(struct ic_srtp_packet){packet, 12, 12, 0, 1});
    ic_srtp_sender_free(sender);
    ic_srtp_session_clear(&session);
    ic_secret_wipe(&keys, sizeof keys);
    return err;
}

enum ic_err ic_handshakes_rehearse(struct ic_worker *w)
{
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    struct ic_dtls *client = NULL, *server = NULL;

    ic_certificate_fingerprint(fingerprint, w->certificate);
    enum ic_err err = ic_dtls_new(&server, w->dtls, IC_DTLS_SERVER, fingerprint, w->now);
    if (err == IC_OK)
        err = ic_dtls_new(&client, w->dtls, IC_DTLS_CLIENT, fingerprint, w->now);
    if (err == IC_OK && !shake_hands(client, server, w->now))
        err = IC_ERR_SYSTEM;
    if (err == IC_OK)
        err = try_keys(server);
    ic_dtls_free(client);
    ic_dtls_free(server);
    return err;
}

/* ---- the end of one ---- */

static enum ic_err make_receiver(struct ic_transport *t, const struct ic_srtp_keys *keys)
{
    struct ic_srtp_session session;
    size_t streams = t->publisher ? STREAMS_MAX : STREAMS_LISTENER;
    enum ic_err err = ic_srtp_derive(&session, &keys->receive);

    if (err == IC_OK)
        err = ic_srtp_receiver_new(&t->receiver, keys->profile, &session, streams, STREAMS_MAX);
    ic_srtp_session_clear(&session);
    return err;
}

/* Two SSRCs a slot, and those of our feedback. */
static enum ic_err make_sender(struct ic_transport *t, const struct ic_srtp_keys *keys)
{
    struct ic_srtp_session session;
    enum ic_err err = ic_srtp_derive(&session, &keys->send);

    if (err == IC_OK)
        err = ic_srtp_sender_new(&t->sender, keys->profile, &session, 2 * t->slot_count + 2);
    ic_srtp_session_clear(&session);
    return err;
}

static enum ic_err make_sessions(struct ic_transport *t)
{
    struct ic_srtp_keys keys;
    enum ic_err err = ic_dtls_take_keys(t->dtls, &keys);

    if (err == IC_OK)
        err = make_receiver(t, &keys);
    if (err == IC_OK)
        err = make_sender(t, &keys);
    ic_secret_wipe(&keys, sizeof keys);
    return err;
}

static void fail(struct ic_worker *w, struct ic_transport *t)
{
    w->stats.handshakes_failed++;
    ic_transport_set_state(w, t, IC_TRANSPORT_FAILED);
    ic_transport_update_sendable(w, t);
}

static void finish(struct ic_worker *w, struct ic_transport *t)
{
    ic_handshakes_freed(w);
    if (make_sessions(t) != IC_OK) {
        fail(w, t);
        return;
    }
    w->stats.handshakes_done++;
    ic_transport_set_state(w, t, IC_TRANSPORT_CONNECTED);
    ic_transport_update_sendable(w, t);
}

/* Sends what the handshake has to say and looks where it stands. */
static void follow(struct ic_worker *w, struct ic_transport *t)
{
    const struct ic_address *to = ic_ice_path(&t->ice);
    const struct ic_path *path = to ? ic_transport_path(t, to) : NULL;
    struct ic_bytes datagram;

    while (ic_dtls_next_datagram(t->dtls, &datagram))
        if (path)
            ic_net_send(w->net, path, datagram);
    if (ic_dtls_state(t->dtls) == IC_DTLS_FAILED)
        fail(w, t);
    else if (ic_dtls_state(t->dtls) == IC_DTLS_CONNECTED && !t->sender)
        finish(w, t);
    ic_transport_schedule_connection(w, t);
}

static void take(struct ic_worker *w, struct ic_transport *t, struct ic_bytes datagram)
{
    if (t->state == IC_TRANSPORT_FAILED)
        return;
    if (!t->dtls &&
        ic_dtls_new(&t->dtls, w->dtls, IC_DTLS_SERVER, t->fingerprint, w->now) != IC_OK) {
        fail(w, t);
        return;
    }
    ic_dtls_receive(t->dtls, w->now, datagram);
    follow(w, t);
}

enum ic_err ic_handshake_receive(struct ic_worker *w, struct ic_transport *t,
                                 struct ic_bytes datagram)
{
    struct ic_handshakes *h = w->handshakes;

    if (h->count == WAITING_MAX || t->handshakes_waiting == WAITING_EACH ||
        datagram.len > IC_DATAGRAM_MAX)
        return IC_ERR_FULL;
    t->handshakes_waiting++;
    struct waiting *last = &h->waiting[(h->first + h->count++) % WAITING_MAX];
    last->transport = t->id;
    last->len = (uint16_t)datagram.len;
    memcpy(last->bytes, datagram.at, datagram.len);
    return IC_OK;
}

void ic_handshakes_run(struct ic_worker *w)
{
    struct ic_handshakes *h = w->handshakes;

    for (int turn = 0; turn < TURNS && h->count > 0; turn++) {
        struct waiting *next = &h->waiting[h->first];
        struct ic_transport *t = ic_directory_find(&w->directory, next->transport);
        h->first = (h->first + 1) % WAITING_MAX;
        h->count--;
        if (!t)
            continue;
        t->handshakes_waiting--;
        take(w, t, (struct ic_bytes){next->bytes, next->len});
    }
    if (h->count == 0)
        h->first = 0; /* few in a row touch few pages */
    trim(w);
}

void ic_handshake_attend(struct ic_worker *w, struct ic_transport *t)
{
    if (!t->dtls || t->state == IC_TRANSPORT_FAILED || w->now < ic_dtls_next_timeout(t->dtls))
        return;
    ic_dtls_advance(t->dtls, w->now);
    follow(w, t);
}
