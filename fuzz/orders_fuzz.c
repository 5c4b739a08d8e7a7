/* Any bytes as orders of the control process, one after the other, and packets between them. What
 * has the shape of an order is carried out; nothing it names has to exist. */
#include "fuzz/datagrams.h"
#include "fuzz/media_rig.h"

#include <unistd.h>

#include "worker/orders.h"

enum { PACKET = 1, KINDS = 2 }; /* the first byte, modulo; else an order */

static void forget_all(struct ic_worker *w)
{
    for (uint32_t i = w->directory.end; i-- > 0;)
        if (w->directory.transports[i])
            media_rig_remove(w, w->directory.transports[i]);
}

/* Those that came with the last order are unknown to the leak finder. */
static void register_all(struct ic_worker *w)
{
    for (uint32_t i = 0; i < w->directory.end; i++)
        if (w->directory.transports[i])
            __lsan_register_root_region(w->directory.transports[i],
                                        w->directory.transports[i]->size);
}

static void unregister_all(struct ic_worker *w)
{
    for (uint32_t i = 0; i < w->directory.end; i++)
        if (w->directory.transports[i])
            __lsan_unregister_root_region(w->directory.transports[i],
                                          w->directory.transports[i]->size);
}

/* A few ids, so that orders meet: of rooms, transports and sources. */
static void narrow(struct ic_control *m)
{
    m->room = 1 + m->room % 2;
    m->transport %= 4;
    if (m->type == IC_CONTROL_SLOT_POINT)
        m->point.source %= 4;
}

static void order(struct media_rig *r, struct ic_bytes bytes)
{
    struct ic_control m = {0}, heard;
    size_t len = bytes.len < sizeof m ? bytes.len : sizeof m;

    if (len > 0)
        memcpy(&m, bytes.at, len);
    narrow(&m);
    if (send(r->control, &m, bytes.len == 7 ? 7 : sizeof m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        abort();
    unregister_all(r->worker);
    r->worker->stopping = false; /* after an order to stop it would take no more */
    ic_orders_take(r->worker);
    register_all(r->worker);
    while (recv(r->control, &heard, sizeof heard, MSG_DONTWAIT) > 0)
        ;
}

static void packet(struct media_rig *r, uint8_t *bytes, size_t len)
{
    ic_ingress(r->worker, &r->paths[len % 3], bytes, len);
}

static int64_t attend(void *worker, struct ic_transport *t)
{
    return ic_transport_attend(worker, t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct media_rig rig;
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    uint8_t *bytes;
    size_t len;

    if (!rig.worker)
        media_rig_start(&rig);
    while ((bytes = next_datagram(&r, &len))) {
        rig.worker->now += 100 * IC_NS_PER_MS;
        if (len > 0 && bytes[0] % KINDS == PACKET)
            packet(&rig, bytes + 1, len - 1);
        else if (len > 0)
            order(&rig, (struct ic_bytes){bytes + 1, len - 1});
        ic_handshakes_run(rig.worker);
        ic_directory_run(&rig.worker->directory, rig.worker->now, attend, rig.worker);
        ic_net_flush(rig.worker->net);
        free(bytes);
    }
    forget_all(rig.worker);
    return 0;
}
