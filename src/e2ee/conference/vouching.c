/* vouching.c - who shows to be alive and in our epoch, and what follows when nobody does: we stop
 * sending, a fork is named, and who is silent for too long is taken out. */
#include "e2ee/conference/vouching.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/times.h"
#include "e2ee/conference/wishes.h"

static const int64_t ELSEWHERE_NS = 6 * IC_NS_PER_SEC; /* a beat is due by then */
static const int64_t SILENT_NS = 150 * IC_NS_PER_SEC;  /* a tab out of sight may sleep a minute */

/* Who could vouch, and who did lately; without ourselves. */
struct vouching {
    unsigned holders, holders_fresh, others, others_fresh;
};

static struct vouching count_vouching(const struct ic_conference *c, int64_t now)
{
    struct vouching v = {0};
    for (unsigned leaf = 0; leaf < ic_leaf_count(c); leaf++) {
        const struct ic_person *person = &c->people[leaf];
        if (!person->here || person->gone || leaf == ic_own_leaf(c))
            continue;
        bool fresh =
            person->vouched_epoch == ic_epoch_of(c) && now - person->vouched_at < IC_QUIET_NS;
        bool holder = person->rights != 0;
        v.others++;
        v.others_fresh += fresh;
        v.holders += holder;
        v.holders_fresh += holder && fresh;
    }
    return v;
}

static bool is_vouched(const struct ic_conference *c, int64_t now)
{
    struct vouching v = count_vouching(c, now);
    if (c->presence.unproven)
        return false;
    if (c->stage == IC_CONFERENCE_BEHIND) /* others went on, and perhaps without somebody */
        return now - c->entering.lost_at < IC_BEAT_NS;
    if (now - c->presence.epoch_began < IC_QUIET_NS || v.others == 0)
        return true;
    if (v.holders > 0)
        return v.holders_fresh > 0;
    bool only_holder = c->people[ic_own_leaf(c)].rights != 0; /* nobody else puts anybody out */
    return only_holder || 2 * (v.others_fresh + 1) > v.others + 1;
}

void ic_watch_silence(struct ic_conference *c, int64_t now)
{
    bool silenced = !is_vouched(c, now);
    if (silenced == c->presence.silenced)
        return;
    c->presence.silenced = silenced;
    ic_e2ee_hold_sending(c->options.frames, silenced);
    ic_show(c, IC_EVENT_SILENCED, silenced);
}

bool ic_all_vouched(const struct ic_conference *c)
{
    for (unsigned leaf = 0; leaf < ic_leaf_count(c); leaf++) {
        const struct ic_person *person = &c->people[leaf];
        if (person->here && !person->gone && leaf != ic_own_leaf(c) &&
            person->vouched_epoch != ic_epoch_of(c))
            return false;
    }
    return true;
}

/* A heart that beats at least this often. */
static int64_t longest_beat(const struct ic_conference *c)
{
    uint32_t members = ic_mls_group_member_count(c->group);
    return members <= IC_FEW_MEMBERS ? 0 : members * IC_NS_PER_SEC / 2;
}

/* A fork has other keys, so what they say there cannot be read here: that there is something to be
 * read, and who has not said a word in our epoch, tells it. */
void ic_watch_elsewhere(struct ic_conference *c, int64_t now)
{
    const struct ic_presence *p = &c->presence;
    int64_t patience = ELSEWHERE_NS + longest_beat(c);
    if (p->foreign_at == 0 || now - p->foreign_at > patience || now - p->epoch_began < patience)
        return;
    for (unsigned leaf = 0; leaf < ic_leaf_count(c); leaf++) {
        struct ic_person *person = &c->people[leaf];
        if (!person->here || person->gone || person->elsewhere || leaf == ic_own_leaf(c) ||
            person->vouched_epoch == ic_epoch_of(c))
            continue;
        person->elsewhere = true;
        ic_show_leaf(c, IC_EVENT_ELSEWHERE, leaf, 1, (struct ic_bytes){0});
    }
}

/* A server may miss to say that somebody went, and somebody may never have come after it was let
 * in. Hearts tell. */
enum ic_err ic_watch_hearts(struct ic_conference *c, int64_t now)
{
    int64_t patience = SILENT_NS + longest_beat(c);
    enum ic_err err = IC_OK;
    for (unsigned leaf = 0; leaf < ic_leaf_count(c) && err == IC_OK; leaf++) {
        struct ic_person *person = &c->people[leaf];
        if (!person->here || person->silent || leaf == ic_own_leaf(c))
            continue;
        if (person->heard_at == 0)
            person->heard_at = now;
        if (now - person->heard_at < patience)
            continue;
        person->silent = true;
        err = ic_vanished(c, leaf, now);
    }
    return err;
}
