/* media_rig.h - for the fuzzers that feed a whole worker: two clients in a room, nothing leaves the
 * process. */
#pragma once

#include <sanitizer/lsan_interface.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "media/ice_client.h"
#include "worker/handshake.h"
#include "worker/ingress.h"
#include "worker/loop.h"
#include "worker/transport.h"
#include "worker/worker.h"

struct media_rig {
    int control; /* the control process's end */
    struct ic_worker *worker;
    struct ic_transport *publisher, *receiver;
    struct ic_path paths[3]; /* of the publisher, the receiver, and a stranger */
};

static int media_rig_discard(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    (void)fd;
    (void)messages;
    (void)flags;
    return (int)count;
}

static void media_rig_must(enum ic_err err)
{
    if (err != IC_OK)
        abort();
}

static inline struct ic_transport *media_rig_add(struct ic_worker *w, uint32_t id, bool sends)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_ADD, .room = 1, .transport = id};

    m.add.ours = m.add.theirs = (struct ic_ice_credentials){{'u', 'f', 'r', (char)('0' + id)},
                                                            "a-password-of-enough-length"};
    m.add.line_count = 2;
    for (uint32_t i = 0; i < 2; i++)
        m.add.lines[i] = (struct ic_line){.mid = {(char)('0' + i)},
                                          .is_slot = !sends,
                                          .stream = (uint8_t)i,
                                          .codec = (uint8_t)i,
                                          .pt = (uint8_t)(96 + 2 * i),
                                          .rtx_pt = (uint8_t)(i == 1 ? 99 : 0),
                                          .layers = (uint8_t)(i == 1 ? 7 : 0),
                                          .ext = {1, 2, 3, 4, 5},
                                          .ssrc = 10 + i,
                                          .rtx_ssrc = 20 + i};
    media_rig_must(ic_transport_new(w, &m));
    struct ic_transport *t = ic_directory_find(&w->directory, id);
    __lsan_register_root_region(t, t->size); /* a mapping, which the leak finder does not know */
    return t;
}

static void media_rig_remove(struct ic_worker *w, struct ic_transport *t)
{
    __lsan_unregister_root_region(t, t->size);
    ic_transport_free(w, t);
}

/* A connectivity check as the client would send it. */
static inline void media_rig_check(struct media_rig *r, uint32_t id, const struct ic_path *path)
{
    struct ic_ice_credentials c = {{'u', 'f', 'r', (char)('0' + id)},
                                   "a-password-of-enough-length"};
    struct ic_ice_client client;
    uint8_t check[IC_STUN_REQUEST_MAX];

    ic_ice_client_init(&client, r->worker->now, &c, &c, &path->local);
    size_t len = ic_ice_client_advance(&client, r->worker->now, check);
    ic_ingress(r->worker, path, check, len);
}

static void media_rig_start(struct media_rig *r)
{
    struct ic_net_config config = {.address_count = 1, .sendmmsg = media_rig_discard};
    int fds[2];

    ic_log_set_level(IC_LOG_ERROR);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) != 0)
        abort();
    media_rig_must(ic_address_parse(&config.addresses[0], "127.0.0.1", 0));
    r->control = fds[0];
    media_rig_must(ic_worker_new(&r->worker, &config, fds[1]));
    for (uint16_t i = 0; i < 3; i++) {
        media_rig_must(ic_address_parse(&r->paths[i].remote, "192.0.2.1", (uint16_t)(1000 + i)));
        media_rig_must(ic_address_parse(&r->paths[i].local, "192.0.2.9", 9));
    }
}

/* Both clients anew, if inputs have ended one of them. */
static inline void media_rig_renew(struct media_rig *r)
{
    if (r->publisher && r->publisher->state != IC_TRANSPORT_FAILED &&
        r->receiver->state != IC_TRANSPORT_FAILED)
        return;
    if (r->publisher) {
        media_rig_remove(r->worker, r->publisher);
        media_rig_remove(r->worker, r->receiver);
    }
    r->publisher = media_rig_add(r->worker, 1, true);
    r->receiver = media_rig_add(r->worker, 2, false);
    for (uint32_t i = 0; i < 2; i++)
        media_rig_must(ic_transport_point(r->worker, r->receiver, i, r->publisher, (uint8_t)i, 2));
}

/* Ready for one input, a millisecond after the last. */
static inline struct media_rig *media_rig(void)
{
    static struct media_rig rig;

    if (!rig.worker)
        media_rig_start(&rig);
    media_rig_renew(&rig);
    rig.worker->now += IC_NS_PER_MS;
    for (uint32_t i = 0; i < 2; i++)
        if (!ic_ice_knows(i == 0 ? &rig.publisher->ice : &rig.receiver->ice, rig.worker->now,
                          &rig.paths[i].remote))
            media_rig_check(&rig, i + 1, &rig.paths[i]);
    return &rig;
}

/* One packet in memory of exactly its size, and what the loop does at the end of a wake-up. */
static inline void media_rig_feed(struct media_rig *r, const struct ic_path *path,
                                  struct ic_bytes packet)
{
    struct ic_worker *w = r->worker;
    uint8_t *bytes = malloc(packet.len ? packet.len : 1);

    if (packet.len > 0)
        memcpy(bytes, packet.at, packet.len);
    ic_ingress(w, path, bytes, packet.len);
    free(bytes);
    ic_handshakes_run(w);
    ic_transport_attend(w, r->publisher);
    ic_transport_attend(w, r->receiver);
    ic_net_flush(w->net);
}
