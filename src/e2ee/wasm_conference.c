/* wasm_conference.c - what the WebAssembly module exports of a conference (conference.h) to its
 * worker (web/src/e2ee/conference.ts).
 *
 * One conference per module. What goes in and comes out passes through one piece of memory, as
 * large as the worker asks for. Numbers are big-endian; bytes have their length in four bytes
 * before them, ids their 16. */
#include <stdlib.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/conference/conference.h"
#include "e2ee/door/words.h"

#define EXPORT(name) __attribute__((export_name(name)))

static uint8_t *piece;
static size_t piece_size;
static struct ic_e2ee *frames;
static struct ic_conference *conference;

static int64_t nanoseconds(double ms)
{
    return (int64_t)(ms * (double)IC_NS_PER_MS);
}

/* At least `size` bytes, the ones before wiped; 0: no memory. */
EXPORT("piece") uint8_t *api_piece(size_t size);
uint8_t *api_piece(size_t size)
{
    if (piece)
        ic_secret_wipe(piece, piece_size);
    if (size <= piece_size)
        return piece;
    free(piece);
    piece = malloc(size);
    piece_size = piece ? size : 0;
    return piece;
}

EXPORT("piece_at") uint8_t *api_piece_at(void);
uint8_t *api_piece_at(void)
{
    return piece;
}

static struct ic_bytes read_bytes(struct ic_reader *r)
{
    return ic_read_bytes(r, (size_t)ic_read_uint(r, 4));
}

static void write_bytes(struct ic_writer *w, struct ic_bytes bytes)
{
    ic_write_uint(w, bytes.len, 4);
    ic_write_bytes(w, bytes);
}

/* ---- Links ---- */

/* In: a fragment. Zero or enum ic_door_link_fault; then out: kind, admission proof, host proof. */
static int give_proofs(const struct ic_door_link *link)
{
    struct ic_door_host_keys keys = {0};
    uint8_t admission[IC_ADMISSION_PROOF_LEN];

    ic_door_admission_proof(admission, link->secret);
    if (link->kind == IC_DOOR_LINK_HOST && ic_door_host_keys(&keys, link->root_seed) != IC_OK)
        return -1;
    if (!api_piece(1 + IC_ADMISSION_PROOF_LEN + IC_DOOR_HOST_PROOF_LEN))
        return -1;
    struct ic_writer w = ic_writer_of(piece, piece_size);
    ic_write_uint(&w, link->kind, 1);
    ic_write_bytes(&w, (struct ic_bytes){admission, sizeof admission});
    ic_write_bytes(&w, (struct ic_bytes){keys.proof, sizeof keys.proof});
    ic_secret_wipe(&keys, sizeof keys);
    ic_secret_wipe(admission, sizeof admission);
    return 0;
}

static int read_link(struct ic_door_link *link, struct ic_bytes fragment)
{
    char text[IC_DOOR_FRAGMENT_LEN + 1] = {0};
    if (fragment.len > IC_DOOR_FRAGMENT_LEN)
        return IC_DOOR_LINK_CUT;
    memcpy(text, fragment.at, fragment.len);
    int fault = (int)ic_door_link_parse(link, text);
    ic_secret_wipe(text, sizeof text);
    return fault;
}

EXPORT("link_proofs") int api_link_proofs(size_t len);
int api_link_proofs(size_t len)
{
    struct ic_door_link link;
    int fault = read_link(&link, (struct ic_bytes){piece, len});
    if (fault == IC_DOOR_LINK_FINE)
        fault = give_proofs(&link);
    ic_door_link_clear(&link);
    return fault;
}

/* Out: the private fragment of a new host, then the fragment for guests. */
EXPORT("link_make") int api_link_make(void);
int api_link_make(void)
{
    struct ic_door_link link = {.kind = IC_DOOR_LINK_HOST};
    struct ic_door_host_keys keys;

    ic_random_fill(link.secret, sizeof link.secret);
    ic_random_fill(link.root_seed, sizeof link.root_seed);
    if (ic_door_host_keys(&keys, link.root_seed) != IC_OK ||
        !api_piece(2 * (IC_DOOR_FRAGMENT_LEN + 1)))
        return -1;
    ic_door_link_print((char *)piece, &link);
    link.kind = IC_DOOR_LINK_GUEST;
    memcpy(link.pin, keys.pin, sizeof link.pin);
    ic_door_link_print((char *)piece + IC_DOOR_FRAGMENT_LEN, &link);
    ic_door_link_clear(&link);
    ic_secret_wipe(&keys, sizeof keys);
    return 0;
}

/* ---- The conference ---- */

/* In: fragment, meeting, name, title. */
EXPORT("conference_open")
int api_conference_open(size_t len, uint32_t suite, double wall_ms_at_zero);
int api_conference_open(size_t len, uint32_t suite, double wall_ms_at_zero)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){piece, len});
    struct ic_conference_options options = {.suite = (uint16_t)suite,
                                            .wall_ms_at_zero = (uint64_t)wall_ms_at_zero};
    struct ic_bytes fragment = read_bytes(&r);
    struct ic_bytes meeting = ic_read_bytes(&r, IC_MEETING_LEN);
    options.name = read_bytes(&r);
    options.title = read_bytes(&r);
    options.last.link_version = (uint32_t)ic_read_uint(&r, 4);
    options.last.flags = (unsigned)ic_read_uint(&r, 1);
    options.made_here = ic_read_uint(&r, 1) != 0;
    if (r.bad || read_link(&options.link, fragment) != IC_DOOR_LINK_FINE)
        return -(int)IC_ERR_MALFORMED;
    memcpy(options.meeting, meeting.at, IC_MEETING_LEN);
    ic_conference_free(conference);
    conference = NULL;
    ic_e2ee_free(frames);
    options.frames = frames = ic_e2ee_new();
    enum ic_err err = options.frames ? ic_conference_new(&conference, &options) : IC_ERR_SYSTEM;
    ic_door_link_clear(&options.link);
    return -(int)err;
}

/* The numbers are those of HEARD in conference_packing.ts. */
enum heard {
    HEARD_WAITING,
    HEARD_CARDED,
    HEARD_ATTENDED,
    HEARD_REPLIED,
    HEARD_JOINED,
    HEARD_COMMITTED,
    HEARD_CONFLICT,
    HEARD_REJECTED,
    HEARD_MESSAGE,
    HEARD_KNOCKED,
    HEARD_UNKNOCKED,
    HEARD_LEFT,
    HEARD_OPENED,
    HEARD_REFUSED, /* count: enum ic_say_type; epoch: milliseconds to wait; flag: no keeper */
};

/* What a message of the server says, whichever it is. */
struct heard_fields {
    const uint8_t *participant;
    bool flag, flag2;
    uint64_t epoch;
    unsigned count;
    struct ic_bytes sealed, info;
};

static enum ic_err joined(const struct heard_fields *f, int64_t now)
{
    struct ic_conference_joined joined = {.keeper = f->flag,
                                          .behind = f->flag2,
                                          .epoch = f->epoch,
                                          .people = f->count,
                                          .welcome = f->sealed,
                                          .card = f->info};
    memcpy(joined.participant, f->participant, IC_PARTICIPANT_LEN);
    return ic_conference_hear_joined(conference, &joined, now);
}

static enum ic_err hear(enum heard type, const struct heard_fields *f, int64_t now)
{
    struct ic_conference *c = conference;
    switch (type) {
    case HEARD_WAITING:
        return ic_conference_hear_waiting(c, f->participant, f->sealed, f->info, f->flag, now);
    case HEARD_OPENED:
        return ic_conference_hear_opened(c, f->info, now);
    case HEARD_CARDED:
        return ic_conference_hear_carded(c, f->sealed, now);
    case HEARD_ATTENDED:
        return ic_conference_hear_attended(c, f->flag, now);
    case HEARD_REPLIED:
        return ic_conference_hear_replied(c, f->sealed, f->flag, now);
    case HEARD_JOINED:
        return joined(f, now);
    case HEARD_COMMITTED:
        return ic_conference_hear_committed(c, f->epoch, f->sealed, now);
    case HEARD_CONFLICT:
        return ic_conference_hear_conflict(c, f->epoch, f->info, now);
    case HEARD_REJECTED:
        return ic_conference_hear_rejected(c, f->epoch, f->sealed, now);
    case HEARD_MESSAGE:
        return ic_conference_hear_message(c, f->sealed, now);
    case HEARD_KNOCKED:
        return ic_conference_hear_knocked(c, f->participant, f->sealed, f->flag, f->count, now);
    case HEARD_UNKNOCKED:
        return ic_conference_hear_unknocked(c, f->participant, now);
    case HEARD_LEFT:
        return ic_conference_hear_left(c, f->participant, f->flag, now);
    case HEARD_REFUSED:
        if (f->flag)
            return ic_conference_hear_not_keeper(c, now);
        return ic_conference_hear_refused(c, (enum ic_say_type)f->count,
                                          now + (int64_t)f->epoch * IC_NS_PER_MS, now);
    }
    return IC_ERR_MALFORMED;
}

/* In: participant, flag, flag, epoch (8), count (4), bytes, info. */
EXPORT("conference_hear") int api_conference_hear(uint32_t type, size_t len, double now_ms);
int api_conference_hear(uint32_t type, size_t len, double now_ms)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){piece, len});
    struct heard_fields f = {.participant = ic_read_bytes(&r, IC_PARTICIPANT_LEN).at};
    f.flag = ic_read_uint(&r, 1) != 0;
    f.flag2 = ic_read_uint(&r, 1) != 0;
    f.epoch = ic_read_uint(&r, 8);
    f.count = (unsigned)ic_read_uint(&r, 4);
    f.sealed = read_bytes(&r);
    f.info = read_bytes(&r);
    if (r.bad || !conference)
        return -(int)IC_ERR_MALFORMED;
    return -(int)hear((enum heard)type, &f, nanoseconds(now_ms));
}

/* The numbers are those of WISHES in conference_packing.ts. */
enum wished {
    WISHED_ADMIT,
    WISHED_REFUSE,
    WISHED_ASK,
    WISHED_ANSWER,
    WISHED_PASSCODE,
    WISHED_REMOVE,
    WISHED_LOCK,
    WISHED_REPLACE_LINK,
    WISHED_GRANT,
    WISHED_REKEY,
    WISHED_PRESENT,
    WISHED_CHAT,
    WISHED_SET_PASSCODE,
    WISHED_WAITING_ROOM,
    WISHED_INVITE,
    WISHED_WITHDRAW,
    WISHED_COMPARE,
    WISHED_EVERYONE,
    WISHED_ALLOW,
    WISHED_MUTE,
    WISHED_SEND_BACK,
    WISHED_STOP,
    WISHED_TITLE,
    WISHED_SHOW_TITLE,
    WISHED_STRAIGHT_IN,
};

static enum ic_err present(unsigned value, int64_t now)
{
    struct ic_conference_presence presence = {.streams = (uint8_t)value,
                                              .hand = value & 1 << 8,
                                              .away = value & 1 << 9,
                                              .asks_to_share = value & 1 << 10};
    return ic_conference_present(conference, &presence, now);
}

static enum ic_err set_passcode(struct ic_bytes key, int64_t now)
{
    if (key.len != 0 && key.len != IC_DOOR_PSK_LEN)
        return IC_ERR_MALFORMED;
    return ic_conference_set_passcode(conference, key.len > 0 ? key.at : NULL, now);
}

/* `leaves`: who goes, too, two bytes each. */
static enum ic_err stop(unsigned capabilities, struct ic_bytes leaves, int64_t now)
{
    static unsigned out[IC_MEMBERS_MAX];
    struct ic_reader r = ic_reader_of(leaves);
    size_t count = 0;
    while (r.rest.len > 0 && !r.bad && count < IC_MEMBERS_MAX)
        out[count++] = (unsigned)ic_read_uint(&r, 2);
    if (r.bad || r.rest.len > 0)
        return IC_ERR_MALFORMED;
    return ic_conference_stop(conference, capabilities, out, count, now);
}

static enum ic_err wish(enum wished type, const uint8_t *participant, unsigned leaf, unsigned value,
                        struct ic_bytes text, int64_t now)
{
    struct ic_conference *c = conference;
    switch (type) {
    case WISHED_ADMIT:
        return ic_conference_admit(c, participant, now);
    case WISHED_REFUSE:
        return ic_conference_refuse(c, participant, now);
    case WISHED_ASK:
        return ic_conference_ask(c, participant, text, now);
    case WISHED_ANSWER:
        return ic_conference_answer(c, text, now);
    case WISHED_PASSCODE:
        return text.len == IC_DOOR_PSK_LEN ? ic_conference_passcode(c, text.at, now)
                                           : IC_ERR_MALFORMED;
    case WISHED_REMOVE:
        return ic_conference_remove(c, leaf, now);
    case WISHED_LOCK:
        return ic_conference_lock(c, value != 0, now);
    case WISHED_REPLACE_LINK:
        return ic_conference_replace_link(c, now);
    case WISHED_GRANT:
        return ic_conference_grant(c, leaf, value, now);
    case WISHED_REKEY:
        return ic_conference_rekey(c, now);
    case WISHED_PRESENT:
        return present(value, now);
    case WISHED_CHAT:
        return ic_conference_chat(c, text, now);
    case WISHED_SET_PASSCODE:
        return set_passcode(text, now);
    case WISHED_EVERYONE:
        return ic_conference_everyone_may(c, value, now);
    case WISHED_ALLOW:
        return ic_conference_allow(c, leaf, value, now);
    case WISHED_MUTE:
        return ic_conference_mute(c, leaf, (uint8_t)value, now);
    case WISHED_STOP:
        return stop(value, text, now);
    case WISHED_SEND_BACK:
        return ic_conference_send_back(c, leaf, now);
    case WISHED_WAITING_ROOM:
        return ic_conference_waiting_room(c, value != 0, now);
    case WISHED_STRAIGHT_IN:
        return ic_conference_straight_in(c, value != 0, now);
    case WISHED_TITLE:
        return ic_conference_title(c, text, now);
    case WISHED_SHOW_TITLE:
        return ic_conference_show_title(c, value != 0, now);
    case WISHED_INVITE:
        return ic_conference_invite(c, now);
    case WISHED_WITHDRAW:
        return ic_conference_withdraw(c, value, now);
    case WISHED_COMPARE:
        return ic_conference_compare(c, (enum ic_door_comparison)value, now);
    }
    return IC_ERR_MALFORMED;
}

/* In: participant, leaf (2), value (4), text. */
EXPORT("conference_wish") int api_conference_wish(uint32_t type, size_t len, double now_ms);
int api_conference_wish(uint32_t type, size_t len, double now_ms)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){piece, len});
    const uint8_t *participant = ic_read_bytes(&r, IC_PARTICIPANT_LEN).at;
    unsigned leaf = (unsigned)ic_read_uint(&r, 2);
    unsigned value = (unsigned)ic_read_uint(&r, 4);
    struct ic_bytes text = read_bytes(&r);
    if (r.bad || !conference)
        return -(int)IC_ERR_MALFORMED;
    return -(int)wish((enum wished)type, participant, leaf, value, text, nanoseconds(now_ms));
}

EXPORT("conference_tick") int api_conference_tick(double now_ms);
int api_conference_tick(double now_ms)
{
    return conference ? -(int)ic_conference_tick(conference, nanoseconds(now_ms)) : 0;
}

EXPORT("conference_epoch") double api_conference_epoch(void);
double api_conference_epoch(void)
{
    return conference ? (double)ic_conference_epoch(conference) : 0;
}

/* Out: type, flag, epoch (8), sealed, welcome, participants, removed, info. Its length, or 0. */
EXPORT("conference_say") size_t api_conference_say(void);
size_t api_conference_say(void)
{
    const struct ic_say *say = conference ? ic_conference_next_say(conference) : NULL;
    if (!say)
        return 0;
    size_t len = 2 + 8 + 5 * 4 + say->sealed.len + say->welcome.len + say->participants.len +
                 say->removed.len + say->info.len;
    if (!api_piece(len))
        __builtin_trap();
    struct ic_writer w = ic_writer_of(piece, piece_size);
    ic_write_uint(&w, say->type, 1);
    ic_write_uint(&w, say->flag, 1);
    ic_write_uint(&w, say->epoch, 8);
    write_bytes(&w, say->sealed);
    write_bytes(&w, say->welcome);
    write_bytes(&w, say->participants);
    write_bytes(&w, say->removed);
    write_bytes(&w, say->info);
    return w.len;
}

/* Out: type, leaf (2), participant, epoch (8), number (8), text. Its length, or 0. */
EXPORT("conference_event") size_t api_conference_event(void);
size_t api_conference_event(void)
{
    const struct ic_conference_event *event =
        conference ? ic_conference_next_event(conference) : NULL;
    if (!event)
        return 0;
    if (!api_piece(1 + 2 + IC_PARTICIPANT_LEN + 8 + 8 + 4 + event->text.len))
        __builtin_trap();
    struct ic_writer w = ic_writer_of(piece, piece_size);
    ic_write_uint(&w, event->type, 1);
    ic_write_uint(&w, event->leaf, 2);
    ic_write_bytes(&w, (struct ic_bytes){event->participant, IC_PARTICIPANT_LEN});
    ic_write_uint(&w, event->epoch, 8);
    ic_write_uint(&w, (uint64_t)event->number, 8);
    write_bytes(&w, event->text);
    return w.len;
}

/* In: the key of words.h. Out: the words and the numbers. The length. */
EXPORT("words") size_t api_words(size_t len);
size_t api_words(size_t len)
{
    uint8_t key[IC_DOOR_WORDS_KEY_LEN];
    if (len != sizeof key)
        return 0;
    memcpy(key, piece, sizeof key);
    if (!api_piece(IC_DOOR_WORDS_SIZE))
        __builtin_trap();
    ic_door_words((char *)piece, key);
    ic_secret_wipe(key, sizeof key);
    return strlen((char *)piece);
}

/* Out: the authenticator of the epoch. */
EXPORT("conference_authenticator") int api_conference_authenticator(void);
int api_conference_authenticator(void)
{
    if (!conference || !api_piece(IC_CONFERENCE_AUTHENTICATOR_LEN))
        return -(int)IC_ERR_FORBIDDEN;
    return -(int)ic_conference_authenticator(conference, piece);
}

/* In: a participant. Out: the text of safety.h. Its length, or 0. */
EXPORT("conference_safety") size_t api_conference_safety(size_t len);
size_t api_conference_safety(size_t len)
{
    uint8_t participant[IC_PARTICIPANT_LEN];
    if (!conference || len != sizeof participant)
        return 0;
    memcpy(participant, piece, sizeof participant);
    if (!api_piece(IC_DOOR_SAFETY_SIZE))
        __builtin_trap();
    if (ic_conference_safety(conference, participant, (char *)piece) != IC_OK)
        return 0;
    return strlen((char *)piece);
}
