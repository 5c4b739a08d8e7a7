/* app_message.c - the contents of application messages, each type one row of the table. */
#include "e2ee/door/app_message.h"

#include "e2ee/door/text.h"
#include "e2ee/mls/codec.h"

enum { ALL_STREAMS = (1 << IC_STREAMS) - 1 };

static uint64_t read_at_most(struct ic_reader *r, size_t size, uint64_t max)
{
    uint64_t value = ic_read_uint(r, size);
    if (value > max)
        r->bad = true;
    return value;
}

static void read_announcement(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->announcement.number = (uint32_t)ic_read_uint(r, 4);
    m->announcement.streams = (uint8_t)read_at_most(r, 1, ALL_STREAMS);
    m->announcement.flags = (uint8_t)read_at_most(r, 1, IC_DOOR_ANNOUNCED);
}

static void write_announcement(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_write_uint(w, m->announcement.number, 4);
    ic_write_uint(w, m->announcement.streams, 1);
    ic_write_uint(w, m->announcement.flags, 1);
}

static void read_heartbeat(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->heartbeat.epoch = ic_read_uint(r, 8);
    m->heartbeat.authenticator = ic_mls_read_vector(r);
    size_t len = m->heartbeat.authenticator.len;
    if (len != IC_SHA256_LEN && len != IC_SHA384_LEN && len != IC_SHA512_LEN)
        r->bad = true;
}

static void write_heartbeat(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_write_uint(w, m->heartbeat.epoch, 8);
    ic_mls_write_vector(w, m->heartbeat.authenticator);
}

static void read_chat(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->chat = ic_mls_read_vector(r);
    if (!ic_door_is_text(m->chat, IC_DOOR_CHAT_MAX))
        r->bad = true;
}

static void write_chat(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_mls_write_vector(w, m->chat);
}

static void read_reject(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->reject.epoch = ic_read_uint(r, 8);
    m->reject.rule = (uint8_t)ic_read_uint(r, 1);
    m->reject.commit = ic_read_bytes(r, IC_SHA256_LEN);
}

static void write_reject(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_write_uint(w, m->reject.epoch, 8);
    ic_write_uint(w, m->reject.rule, 1);
    ic_write_bytes(w, m->reject.commit);
}

static void read_mute(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->mute.participant = ic_read_bytes(r, IC_PARTICIPANT_LEN);
    m->mute.streams = (uint8_t)read_at_most(r, 1, ALL_STREAMS);
    if (m->mute.streams == 0)
        r->bad = true;
}

static void write_mute(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_write_bytes(w, m->mute.participant);
    ic_write_uint(w, m->mute.streams, 1);
}

static void read_hand(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->hand.participant = ic_read_bytes(r, IC_PARTICIPANT_LEN);
    m->hand.up = read_at_most(r, 1, 1) == 1;
}

static void write_hand(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_write_bytes(w, m->hand.participant);
    ic_write_uint(w, m->hand.up, 1);
}

static void read_admit_key(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->admit_key = ic_mls_read_vector(r);
    if (m->admit_key.len != ic_kem_lengths(IC_KEM_XWING).public_len)
        r->bad = true;
}

static void write_admit_key(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_mls_write_vector(w, m->admit_key);
}

static void read_compare(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->compare.epoch = ic_read_uint(r, 8);
    m->compare.said = (uint8_t)read_at_most(r, 1, IC_DOOR_COMPARE_DIFFERENT);
}

static void write_compare(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_write_uint(w, m->compare.epoch, 8);
    ic_write_uint(w, m->compare.said, 1);
}

static void read_send_back(struct ic_reader *r, struct ic_door_app_message *m)
{
    m->sent_back = ic_read_bytes(r, IC_PARTICIPANT_LEN);
}

static void write_send_back(struct ic_writer *w, const struct ic_door_app_message *m)
{
    ic_write_bytes(w, m->sent_back);
}

static const struct {
    void (*read)(struct ic_reader *r, struct ic_door_app_message *m);
    void (*write)(struct ic_writer *w, const struct ic_door_app_message *m);
} TYPES[] = {
    [IC_DOOR_APP_ANNOUNCEMENT] = {read_announcement, write_announcement},
    [IC_DOOR_APP_HEARTBEAT] = {read_heartbeat, write_heartbeat},
    [IC_DOOR_APP_CHAT] = {read_chat, write_chat},
    [IC_DOOR_APP_REJECT] = {read_reject, write_reject},
    [IC_DOOR_APP_MUTE_REQUEST] = {read_mute, write_mute},
    [IC_DOOR_APP_HAND] = {read_hand, write_hand},
    [IC_DOOR_APP_ADMIT_KEY] = {read_admit_key, write_admit_key},
    [IC_DOOR_APP_COMPARE] = {read_compare, write_compare},
    [IC_DOOR_APP_SEND_BACK] = {read_send_back, write_send_back},
};

enum ic_err ic_door_app_read(struct ic_door_app_message *out, struct ic_bytes bytes)
{
    struct ic_reader r = ic_reader_of(bytes);
    struct ic_door_app_message m = {0};
    uint64_t type = ic_read_uint(&r, 1);

    if (r.bad || type == 0)
        return IC_ERR_MALFORMED;
    if (type >= IC_COUNT(TYPES))
        return IC_ERR_NOT_FOUND;
    m.type = (enum ic_door_app_type)type;
    TYPES[type].read(&r, &m);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    *out = m;
    return IC_OK;
}

void ic_door_app_write(struct ic_writer *w, const struct ic_door_app_message *message)
{
    struct ic_door_app_message again;
    size_t start = w->len;

    if (message->type == 0 || message->type >= IC_COUNT(TYPES)) {
        w->bad = true;
        return;
    }
    ic_write_uint(w, message->type, 1);
    TYPES[message->type].write(w, message);
    if (w->bad ||
        ic_door_app_read(&again, (struct ic_bytes){w->at + start, w->len - start}) != IC_OK)
        w->bad = true;
}
