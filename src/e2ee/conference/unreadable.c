/* unreadable.c - a commit that took our epoch and that we cannot open, because what it holds for us
 * is spoilt. Others may be able to: then they take us in again (returning.c). When most members ask
 * for that and nobody does it, there is nobody in the next epoch but who spoilt it. Then a
 * right-holder has the commit taken back, and all who never left the epoch go on in it
 * (docs/door.md). */
#include "e2ee/conference/unreadable.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/rejecting.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/validity.h"

static const int64_t PATIENCE_NS = 2 * IC_NS_PER_SEC;
/* Somebody goes on without us. Who is honest takes us in within 3 s (taking_back.c). */
static const int64_t LONG_PATIENCE_NS = 8 * IC_NS_PER_SEC;

/* At least half, ourselves among them. */
static bool most_are_lost(const struct ic_conference *c)
{
    unsigned lost = 1;
    for (unsigned leaf = 0; leaf < ic_leaf_count(c); leaf++)
        lost += leaf != ic_own_leaf(c) && c->people[leaf].here &&
                c->people[leaf].lost_epoch == ic_epoch_of(c) + 1;
    return 2 * lost >= ic_mls_group_member_count(c->group);
}

enum ic_err ic_unreadable_tick(struct ic_conference *c, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    bool went_on = o->head > ic_epoch_shared(c) + 1;
    int64_t patience = went_on ? LONG_PATIENCE_NS : PATIENCE_NS;
    if (c->stage != IC_CONFERENCE_BEHIND || o->taken != IC_EPOCH_TAKEN ||
        now - c->entering.lost_at < patience || now < o->reject_again_at ||
        !ic_may(c, ic_own_key(c), IC_DOOR_REMOVE) || !most_are_lost(c))
        return IC_OK;
    if (o->reject_again_at == 0)
        ic_show(c, IC_EVENT_WRONG_COMMIT, IC_DOOR_VALID);
    o->reject_again_at = now + PATIENCE_NS;
    return ic_reject_commit(c, IC_DOOR_VALID, went_on);
}
