/* trial.c - a trial is a room of a worker that nobody else is in. */
#include "server/trial.h"

#include <time.h>

#include "crypto/random.h"
#include "server/admission.h"
#include "server/connection.h"

enum {
    AT_ONCE_MAX = 200, /* of the whole server */
    BUSY_WAIT_MS = 3000,
};

static bool is_on(const struct ic_session *s)
{
    return s->trial.count > 0;
}

static void forget(struct ic_signal *signal, struct ic_session *s)
{
    s->trial = (struct ic_trial){.done = true};
    signal->trials--;
}

void ic_trial_end(struct ic_signal *signal, struct ic_session *s)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_REMOVE, .room = s->trial.room};

    if (!is_on(s))
        return;
    for (uint32_t i = 0; i < s->trial.count; i++) {
        m.transport = s->trial.transports[i];
        ic_workers_send(signal->workers, s->trial.worker, &m);
    }
    ic_workers_return_room(signal->workers, s->trial.worker);
    forget(signal, s);
}

/* A transport has a line, though this one shows nothing. */
static void add_transport(struct ic_signal *signal, struct ic_session *s,
                          const struct ic_message *m, const struct ic_ice_credentials *ours)
{
    uint32_t i = s->trial.count++;
    struct ic_control add = {
        .type = IC_CONTROL_TRANSPORT_ADD,
        .room = s->trial.room,
        .transport = ic_workers_new_transport(signal->workers),
        .add = {.ours = *ours,
                .theirs = m->trial.theirs[i],
                .line_count = 1,
                .lines =
                    {{.mid = "0", .is_slot = true, .codec = IC_CODEC_OPUS, .pt = 111, .ssrc = 1}}},
    };

    memcpy(add.add.fingerprint, m->trial.fingerprint, sizeof add.add.fingerprint);
    s->trial.transports[i] = add.transport;
    ic_workers_send(signal->workers, s->trial.worker, &add);
}

static void answer(struct ic_signal *signal, struct ic_session *s,
                   const struct ic_ice_credentials *ours)
{
    const struct ic_relays *relays = signal->parts.relays;
    struct ic_relay_credentials credentials = {0};
    struct ic_relays brief = *relays;

    brief.lifetime_s = IC_TRIAL_RELAY_S;
    if (relays->urls->count > 0)
        ic_relays_issue(&credentials, &brief, (int64_t)time(NULL));
    ic_say_tried(s->socket,
                 &(struct ic_answer_parts){
                     .ours = ours,
                     .fingerprint = ic_workers_fingerprint(signal->workers, s->trial.worker),
                     .addresses = signal->parts.media_addresses,
                     .port = ic_workers_port(signal->workers, s->trial.worker),
                 },
                 s->trial.count, relays, &credentials);
    ic_relays_close(&brief);
}

void ic_trial_begin(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                    int64_t now)
{
    struct ic_ice_credentials ours[IC_TRIAL_WAYS];

    if (is_on(s) || s->trial.done) {
        ic_session_refuse(s, IC_REFUSED_TOO_FAST, BUSY_WAIT_MS);
        return;
    }
    if (!ic_admission_proves(signal, s, m->trial.meeting, m->trial.proof, now))
        return;
    if (signal->trials == AT_ONCE_MAX ||
        ic_workers_take_room(signal->workers, 0, &s->trial.worker, &s->trial.room) != IC_OK) {
        ic_say_error(s->socket, IC_REFUSED_NO_MEDIA, BUSY_WAIT_MS);
        return;
    }
    signal->trials++;
    s->trial.until = now + IC_TRIAL_MS * IC_NS_PER_MS;
    for (uint32_t i = 0; i < m->trial.count; i++) {
        ic_connection_credentials(&ours[i]);
        add_transport(signal, s, m, &ours[i]);
    }
    answer(signal, s, ours);
}

void ic_trial_tick(struct ic_signal *signal, int64_t now)
{
    for (struct ic_session *s = signal->sessions; s && signal->trials > 0; s = s->next)
        if (is_on(s) && now >= s->trial.until)
            ic_trial_end(signal, s);
}

void ic_trial_lost(struct ic_signal *signal, uint32_t worker)
{
    for (struct ic_session *s = signal->sessions; s; s = s->next)
        if (is_on(s) && s->trial.worker == worker)
            forget(signal, s);
}
