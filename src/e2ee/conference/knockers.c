/* knockers.c - the list of those who wait, as a right-holder keeps it. */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/knockers.h"
#include "e2ee/conference/wishes.h"
#include "e2ee/door/knock.h"

static void free_knocker(struct ic_knocker *knocker)
{
    ic_mls_message_clear(&knocker->sealed);
    ic_mls_message_clear(&knocker->key_package);
    ic_secret_wipe(knocker, sizeof *knocker);
    free(knocker);
}

void ic_knockers_clear(struct ic_conference *c)
{
    while (c->knockers) {
        struct ic_knocker *knocker = c->knockers;
        c->knockers = knocker->next;
        free_knocker(knocker);
    }
}

static struct ic_knocker **place_of(struct ic_conference *c, const uint8_t *participant)
{
    struct ic_knocker **at = &c->knockers;
    while (*at && memcmp((*at)->participant, participant, IC_PARTICIPANT_LEN) != 0)
        at = &(*at)->next;
    return at;
}

bool ic_knockers_full(const struct ic_conference *c)
{
    size_t count = 0;
    for (const struct ic_knocker *k = c->knockers; k; k = k->next)
        count++;
    return count >= IC_KNOCKS_MAX;
}

struct ic_knocker *ic_knocker_of(struct ic_conference *c,
                                 const uint8_t participant[IC_PARTICIPANT_LEN])
{
    return *place_of(c, participant);
}

void ic_knocker_drop(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN])
{
    struct ic_knocker **at = place_of(c, participant);
    struct ic_knocker *knocker = *at;
    if (!knocker)
        return;
    *at = knocker->next;
    ic_show_participant(c, IC_EVENT_KNOCK_GONE, participant, 0, (struct ic_bytes){0});
    free_knocker(knocker);
}

void ic_knockers_expire(struct ic_conference *c)
{
    while (c->knockers)
        ic_knocker_drop(c, c->knockers->participant);
    ic_wishes_drop(c, IC_WISH_ADD);
}

enum ic_err ic_knocker_keep(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                            struct ic_bytes sealed, const struct ic_door_knock *knock,
                            uint32_t invite)
{
    struct ic_knocker **at = place_of(c, participant);
    struct ic_knocker *made = calloc(1, sizeof *made);
    if (!made)
        return IC_ERR_SYSTEM;
    made->invite = invite;
    memcpy(made->participant, participant, sizeof made->participant);
    memcpy(made->reply_key, knock->reply_key.at, knock->reply_key.len);
    enum ic_err err = ic_mls_message_copy(&made->sealed, sealed);
    if (err == IC_OK)
        err = ic_mls_message_copy(&made->key_package, knock->key_package);
    if (err != IC_OK) {
        free_knocker(made);
        return err;
    }
    if (*at) {
        made->next = (*at)->next;
        free_knocker(*at);
    }
    *at = made;
    return IC_OK;
}
