/* door_replies.c - what is said to who stands before the door: an answer to the knock, or the keys
 * of the link that it does not know. Sealed for it alone, signed by us. */
#include "e2ee/conference/door_replies.h"
#include "e2ee/conference/inside.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/reply.h"

struct ic_door_knock_place ic_knocker_place(const struct ic_conference *c,
                                            const uint8_t participant[IC_PARTICIPANT_LEN])
{
    return (struct ic_door_knock_place){c->options.meeting, participant, c->link.version};
}

static enum ic_err say_reply(struct ic_conference *c, const struct ic_door_knock_place *where,
                             struct ic_bytes sealed_knock, struct ic_bytes reply_key,
                             const struct ic_door_reply *said)
{
    struct ic_writer w = ic_writer_of(c->scratch->c, IC_DOOR_REPLY_MAX);
    struct ic_door_pair pair = ic_own_pair(c);

    enum ic_err err = ic_door_reply_seal(&w, said, where, sealed_knock, reply_key, &pair);
    if (err == IC_OK)
        ic_out_say(&c->says,
                   &(struct ic_say){.type = IC_SAY_REPLY,
                                    .flag = said->kind == IC_DOOR_REPLY_REFUSED,
                                    .participants = {where->participant, IC_PARTICIPANT_LEN},
                                    .sealed = ic_written(&w)});
    return err;
}

enum ic_err ic_reply(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                     struct ic_bytes sealed_knock, struct ic_bytes reply_key,
                     enum ic_door_reply_kind kind, struct ic_bytes text)
{
    const struct ic_door_reply said = {.kind = kind, .text = text, .signer = ic_own_key(c)};
    struct ic_door_knock_place where = ic_knocker_place(c, participant);
    return say_reply(c, &where, sealed_knock, reply_key, &said);
}

enum ic_err ic_reply_with_keys(struct ic_conference *c, const struct ic_door_knock_place *where,
                               struct ic_bytes sealed_knock, const uint8_t *reply_key)
{
    const struct ic_link_now *link = &c->link;
    const struct ic_door_reply keys = {
        .kind = IC_DOOR_REPLY_KEYS,
        .link_version = link->version,
        .link_secret = {link->secret, sizeof link->secret},
        .passcode_key = {link->passcode_key, link->passcode ? sizeof link->passcode_key : 0},
        .signer = ic_own_key(c)};
    return say_reply(c, where, sealed_knock,
                     (struct ic_bytes){reply_key, ic_kem_lengths(IC_KEM_XWING).public_len}, &keys);
}

static enum ic_err give_knocker_keys(struct ic_conference *c, const struct ic_knocker *knocker)
{
    struct ic_door_knock_place where = ic_knocker_place(c, knocker->participant);
    return ic_reply_with_keys(c, &where, ic_mls_message_bytes(&knocker->sealed),
                              knocker->reply_key);
}

enum ic_err ic_give_link_keys(struct ic_conference *c, struct ic_bytes participants)
{
    enum ic_err err = IC_OK;
    for (const struct ic_knocker *k = c->knockers; k && err == IC_OK; k = k->next)
        for (size_t i = 0; k->invite && i < participants.len && err == IC_OK;
             i += IC_PARTICIPANT_LEN)
            if (memcmp(participants.at + i, k->participant, IC_PARTICIPANT_LEN) == 0)
                err = give_knocker_keys(c, k);
    return err;
}
