/* our_commit.c - our own commit as it is said: who comes in by it, whom the server cuts off, and
 * what stands in an open door after it. docs/protocol.md, "commit". */
#include "e2ee/conference/our_commit.h"
#include "e2ee/conference/door_replies.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/door/profile.h"

static void write_added(struct ic_writer *w, const struct ic_mls_outlook *outlook)
{
    for (size_t i = 0; i < outlook->change_count; i++) {
        const struct ic_mls_proposal *proposal = &outlook->changes[i].proposal;
        struct ic_door_profile profile;
        if (proposal->type == IC_MLS_ADD &&
            ic_door_profile_of(&profile, proposal->add.leaf.extensions) == IC_OK)
            ic_write_bytes(w, profile.participant);
    }
}

static bool is_among(struct ic_bytes participants, const uint8_t *participant)
{
    for (size_t i = 0; i + IC_PARTICIPANT_LEN <= participants.len; i += IC_PARTICIPANT_LEN)
        if (memcmp(participants.at + i, participant, IC_PARTICIPANT_LEN) == 0)
            return true;
    return false;
}

/* Whom the server is to cut off: not who comes back with the same commit, and by who is no keeper
 * only those that are not connected (docs/protocol.md). */
static void write_removed(struct ic_writer *w, const struct ic_mls_outlook *outlook,
                          const struct ic_conference *c, struct ic_bytes added)
{
    for (size_t i = 0; i < outlook->change_count; i++) {
        const struct ic_mls_change *change = &outlook->changes[i];
        if (change->proposal.type != IC_MLS_REMOVE || change->leaf.n >= IC_MEMBERS_MAX)
            continue;
        const struct ic_person *person = &c->people[change->leaf.n];
        if ((c->keeper || person->gone) && !is_among(added, person->participant))
            ic_write_bytes(w, (struct ic_bytes){person->participant, IC_PARTICIPANT_LEN});
    }
}

enum ic_err ic_say_our_commit(struct ic_conference *c, int64_t now)
{
    const struct ic_mls_staged *staged = c->ordering.pending;
    const struct ic_mls_outlook *outlook = ic_mls_staged_outlook(staged);
    struct ic_writer added = ic_writer_of(c->scratch->a, sizeof c->scratch->a);
    struct ic_writer removed = ic_writer_of(c->scratch->b, sizeof c->scratch->b);

    c->ordering.said_at = now;
    write_added(&added, outlook);
    enum ic_err err = ic_give_link_keys(c, ic_written(&added));
    if (err != IC_OK)
        return err;
    write_removed(&removed, outlook, c, ic_written(&added));
    struct ic_mls_message info = {0};
    if (ic_mls_staged_info(staged).len > 0)
        err = ic_door_seal_info(c, &info, ic_mls_staged_info(staged));
    if (err != IC_OK)
        return err;
    ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_COMMIT,
                                          .epoch = ic_epoch_of(c),
                                          .sealed = ic_mls_staged_message(staged),
                                          .welcome = ic_mls_staged_welcome(staged),
                                          .participants = ic_written(&added),
                                          .removed = ic_written(&removed),
                                          .info = ic_mls_message_bytes(&info)});
    ic_mls_message_clear(&info);
    return IC_OK;
}
