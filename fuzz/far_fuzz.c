/* Any messages of another worker, one after the other, to a worker that has somebody whose streams
 * go there, and who sees and hears somebody who is there. What comes after the parser, up to what
 * is sealed for the receiver. */
#include "fuzz/datagrams.h"
#include "fuzz/media_rig.h"

#include <unistd.h>

#include "worker/far.h"
#include "worker/forward.h"
#include "worker/link.h"

enum { OTHER = 1, FAR = 3 };

static int ours; /* the other worker's end of the link */

static void link_with(struct ic_worker *w)
{
    int fds[2];

    if (ours > 0)
        close(ours);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) != 0)
        abort();
    ours = fds[0];
    media_rig_must(ic_link_open(w, OTHER, fds[1]));
}

static void give_keys(struct ic_worker *w, struct ic_transport *t)
{
    static const struct ic_srtp_master master = {{1}, {2}};
    struct ic_srtp_session session;

    if (t->sender)
        return;
    media_rig_must(ic_srtp_derive(&session, &master));
    media_rig_must(ic_srtp_sender_new(&t->sender, IC_SRTP_AEAD_AES_128_GCM, &session, 32));
    ic_transport_update_sendable(w, t);
}

/* The far source anew, so that an input means the same whatever came before it. */
static struct ic_transport *renew(struct media_rig *r)
{
    struct ic_worker *w = r->worker;
    struct ic_transport *far = ic_directory_find(&w->directory, FAR);
    struct ic_control m = {.type = IC_CONTROL_SOURCE_ADD, .room = 1, .transport = FAR};

    if (far)
        media_rig_remove(w, far);
    m.source.home = OTHER;
    m.source.line_count = 2;
    for (uint8_t i = 0; i < 2; i++)
        m.source.lines[i] = (struct ic_line){.mid = {(char)('0' + i)},
                                             .stream = i,
                                             .codec = i,
                                             .pt = (uint8_t)(96 + 2 * i),
                                             .rtx_pt = (uint8_t)(i == 1 ? 99 : 0),
                                             .layers = (uint8_t)(i == 1 ? 7 : 0),
                                             .ext = {1, 2, 3, 4, 5}};
    media_rig_must(ic_transport_new_far(w, &m));
    far = ic_directory_find(&w->directory, FAR);
    __lsan_register_root_region(far, far->size);
    for (uint8_t i = 0; i < 2; i++) {
        media_rig_must(ic_far_share(r->publisher, OTHER, i, i == 1 ? 7 : 1));
        media_rig_must(ic_transport_point(w, r->receiver, i, far, i, 2));
    }
    return far;
}

static void finish(struct media_rig *r, struct ic_transport *far)
{
    struct ic_worker *w = r->worker;
    uint8_t heard[64];

    ic_forward_now(w);
    ic_transport_attend(w, far);
    ic_transport_attend(w, r->publisher);
    ic_transport_attend(w, r->receiver);
    ic_links_flush(w);
    ic_net_flush(w->net);
    while (recv(ours, heard, sizeof heard, MSG_DONTWAIT) > 0)
        ;
    w->now += 20 * IC_NS_PER_MS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct media_rig *rig = media_rig();
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    uint8_t *bytes;
    size_t len;

    give_keys(rig->worker, rig->receiver);
    struct ic_transport *far = renew(rig);
    while ((bytes = next_datagram(&r, &len))) {
        if (!rig->worker->links[OTHER])
            link_with(rig->worker);
        if (send(ours, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && len > 0)
            abort();
        free(bytes);
        ic_link_event(rig->worker, OTHER, ic_far_heard);
        finish(rig, far);
    }
    return 0;
}
