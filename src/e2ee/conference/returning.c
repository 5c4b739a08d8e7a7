/* returning.c - coming back: who lost the group asks to be taken in again, as the member that it
 * is, until somebody does. */
#include "e2ee/conference/returning.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/knocking.h"
#include "e2ee/conference/own_keys.h"
#include "e2ee/conference/rejecting.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/returning.h"

static const int64_t ASK_AGAIN_NS = 5 * IC_NS_PER_SEC;
enum { ASK_SLOWER = 4 }; /* times that the pause doubles: the server takes few of one client */

enum ic_err ic_ask_to_return(struct ic_conference *c, int64_t now)
{
    struct ic_entering *entering = &c->entering;
    const struct ic_suite *suite = c->group ? ic_mls_group_suite(c->group) : ic_card_suite(c);
    struct ic_writer w = ic_writer_of(c->scratch->a, IC_DOOR_RETURNING_MAX);

    if (!suite)
        return IC_OK;
    enum ic_err err = ic_own_package(c, suite, now);
    if (err == IC_OK)
        err = ic_make_reply_key(entering);
    if (err != IC_OK)
        return err;
    struct ic_door_returning returning = {.epoch = ic_epoch_shared(c),
                                          .key_package =
                                              ic_mls_message_bytes(&entering->package.encoded),
                                          .signature_key = ic_own_key(c),
                                          .reply_key = ic_reply_key(entering)};
    struct ic_door_knock_place place = ic_knock_place(c, c->link.version);
    struct ic_door_pair pair = ic_own_pair(c);
    err = ic_door_returning_seal(&w, &returning, &place, c->link.psk, &pair);
    if (err == IC_OK)
        err = ic_keep_knock(entering, ic_written(&w));
    if (err != IC_OK)
        return err;
    if (c->group && c->stage == IC_CONFERENCE_IN)
        ic_show(c, IC_EVENT_BEHIND, 0);
    c->stage = c->group ? IC_CONFERENCE_BEHIND : IC_CONFERENCE_KNOCKED;
    if (!entering->returning)
        entering->lost_at = now;
    entering->asks += !entering->returning || entering->asks < ASK_SLOWER;
    entering->returning = true;
    entering->asked_at = now;
    entering->knock_again_at = 0;
    ic_out_say(&c->says,
               &(struct ic_say){.type = IC_SAY_KNOCK, .flag = true, .sealed = ic_written(&w)});
    return IC_OK;
}

/* Whoever was to take us in may have gone. */
enum ic_err ic_returning_tick(struct ic_conference *c, int64_t now)
{
    const struct ic_entering *e = &c->entering;
    bool asking = e->returning && !(c->stage == IC_CONFERENCE_IN || c->stage == IC_CONFERENCE_OVER);
    bool due = asking && now - e->asked_at >= ASK_AGAIN_NS << (e->asks > 0 ? e->asks - 1 : 0);
    return due ? ic_ask_to_return(c, now) : IC_OK;
}
