/* What members say to each other when one of them cheats, or the server delivers it late, twice or
 * as something else: everybody is heard as who he is, in his own time, and no further than he may.
 */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"

/* What a member says reaches nobody yet: the server holds it back. */
static struct ic_mls_message hold_back(unsigned who, const struct ic_door_app_message *message)
{
    struct ic_mls_message held = {0};
    const struct ic_say *say;
    assert_int_equal(ic_say_app(of(who), message, IC_SAY_MESSAGE), IC_OK);
    while ((say = ic_conference_next_say(of(who))))
        if (say->type == IC_SAY_MESSAGE) {
            ic_mls_message_clear(&held);
            assert_int_equal(ic_mls_message_copy(&held, say->sealed), IC_OK);
        }
    assert_true(held.len > 0);
    return held;
}

static void hear(unsigned to, struct ic_mls_message *held)
{
    assert_int_equal(ic_conference_hear_message(of(to), ic_mls_message_bytes(held), s.now), IC_OK);
    ic_mls_message_clear(held);
}

static void deliver(unsigned to, struct ic_mls_message *held)
{
    hear(to, held);
    courier_run(&s, s.step);
}

/* Past its own client, which would not say it. */
static void forge(unsigned who, const struct ic_door_app_message *message)
{
    assert_int_equal(ic_say_app(of(who), message, IC_SAY_MESSAGE), IC_OK);
    courier_run(&s, SECOND);
}

static struct ic_door_app_message chat(const char *text)
{
    return (struct ic_door_app_message){.type = IC_DOOR_APP_CHAT, .chat = ic_bytes_of_text(text)};
}

/* ---- Late ---- */

TEST(words_of_who_is_gone_are_nobodys_also_when_his_place_is_taken)
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), mallory = come_in("Mallory");
    struct ic_door_app_message lie = chat("I resign");
    struct ic_mls_message one = hold_back(mallory, &lie), other = hold_back(mallory, &lie);
    courier_leave(&s, mallory);
    courier_run(&s, SECOND);
    deliver(kofi, &one);
    unsigned layla = come_in("Layla Rahman");
    assert_int_equal(leaf_of(layla), 2); /* Mallory's */
    deliver(kofi, &other);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_CHAT), 0);
    courier_clear(&s);
}

/* From the epoch on in which he is gone; or his last voice could be the next one's first. */
TEST(frames_of_who_is_gone_open_no_more)
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), mallory = come_in("Mallory");
    struct ic_frame_sender *voice =
        ic_frame_sender_new(s.clients[mallory].frames, IC_STREAM_MICROPHONE, IC_CODEC_OPUS);
    struct ic_frame_receiver *slot = ic_frame_receiver_new(s.clients[kofi].frames, IC_CODEC_OPUS);
    assert_int_equal(ic_frame_receiver_expect(slot, leaf_of(mallory), IC_STREAM_MICROPHONE), IC_OK);
    uint8_t sealed[2][512];
    size_t len[2];
    struct ic_opened_frame opened;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(ic_frame_seal(voice, sealed[i], &len[i], ic_bytes_of_text("voice")),
                         IC_OK);
    ic_frame_sender_free(voice);

    courier_leave(&s, mallory);
    assert_int_equal(ic_frame_open(slot, &opened, sealed[0], len[0], s.now), IC_OK);
    while (courier_saw(&s, kofi, IC_EVENT_PERSON_LEFT) == 0)
        courier_run(&s, s.step);
    assert_int_equal(ic_frame_open(slot, &opened, sealed[1], len[1], s.now), IC_ERR_NOT_FOUND);
    ic_frame_receiver_free(slot);
    courier_clear(&s);
}

TEST(words_of_the_epoch_before_are_heard_of_who_is_still_there)
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), layla = come_in("Layla Rahman");
    struct ic_door_app_message word = chat("Hello");
    struct ic_mls_message held = hold_back(layla, &word);
    come_in("Sam Porter");
    deliver(kofi, &held);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_CHAT)->leaf, leaf_of(layla));
    courier_clear(&s);
}

static struct ic_door_app_message announcement(uint32_t number, uint8_t streams)
{
    return (struct ic_door_app_message){.type = IC_DOOR_APP_ANNOUNCEMENT,
                                        .announcement = {.number = number, .streams = streams}};
}

TEST(announcement_that_comes_behind_a_later_one_changes_nothing)
{
    enum { MICROPHONE = 1 << IC_STREAM_MICROPHONE };
    start();
    unsigned kofi = come_in("Kofi Mensah");
    struct ic_door_app_message said[] = {announcement(5, MICROPHONE), announcement(6, 0),
                                         announcement(6, MICROPHONE), announcement(7, MICROPHONE)};
    struct ic_mls_message held[IC_COUNT(said)];
    for (size_t i = 0; i < IC_COUNT(said); i++)
        held[i] = hold_back(kofi, &said[i]);
    deliver(host, &held[1]);
    deliver(host, &held[0]);
    deliver(host, &held[2]);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_PRESENCE), 1);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PRESENCE)->number, 0);
    deliver(host, &held[3]);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PRESENCE)->number, MICROPHONE);
    courier_clear(&s);
}

/* ---- Without the right ---- */

TEST(chat_of_who_may_not_chat_is_shown_to_nobody)
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), mallory = come_in("Mallory");
    struct ic_door_app_message word = chat("Hello");
    forge(mallory, &word);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_CHAT), 1);
    assert_int_equal(ic_conference_everyone_may(of(host), IC_DOOR_MAY_SPEAK, s.now), IC_OK);
    courier_run(&s, SECOND);
    forge(mallory, &word);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_CHAT), 1);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_CHAT), 1);
    courier_clear(&s);
}

/* As the host would name it on the card; NULL: it would not. */
static const uint8_t *admit_key_at_host(unsigned owner)
{
    struct ic_bytes own = ic_own_key(of(owner));
    for (size_t i = 0; i < IC_COUNT(of(host)->admit_keys); i++) {
        const struct ic_admit_key_of *entry = &of(host)->admit_keys[i];
        if (ic_bytes_equal(own, (struct ic_bytes){entry->owner, entry->owner_len}))
            return entry->key;
    }
    return NULL;
}

TEST(place_to_knock_at_is_believed_of_who_may_admit_alone)
{
    start();
    unsigned kofi = come_in("Kofi Mensah");
    uint8_t key[IC_KEM_PUBLIC_MAX] = {7};
    struct ic_door_app_message message = {
        .type = IC_DOOR_APP_ADMIT_KEY, .admit_key = {key, ic_kem_lengths(IC_KEM_XWING).public_len}};
    forge(kofi, &message);
    assert_null(admit_key_at_host(kofi));

    assert_int_equal(ic_conference_grant(of(host), leaf_of(kofi), IC_DOOR_ADMIT, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_memory_equal(admit_key_at_host(kofi), of(kofi)->keys.admit_public, sizeof key);
    forge(kofi, &message); /* he may have another */
    assert_memory_equal(admit_key_at_host(kofi), key, sizeof key);
    courier_clear(&s);
}

TEST(request_about_nobody_changes_nothing)
{
    start();
    unsigned kofi = come_in("Kofi Mensah");
    static const uint8_t nobody[IC_PARTICIPANT_LEN] = {9};
    struct ic_door_app_message back = {.type = IC_DOOR_APP_SEND_BACK,
                                       .sent_back = {nobody, sizeof nobody}};
    struct ic_door_app_message mute = {.type = IC_DOOR_APP_MUTE_REQUEST,
                                       .mute = {{nobody, sizeof nobody}, 1}};
    forge(host, &back);
    forge(host, &mute);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_MUTED), 0);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_SENT_BACK), 0);
    courier_clear(&s);
}

/* ---- Of another group ---- */

static struct ic_door_app_message heart(uint64_t epoch, struct ic_bytes authenticator)
{
    return (struct ic_door_app_message){
        .type = IC_DOOR_APP_HEARTBEAT,
        .heartbeat = {.epoch = epoch, .authenticator = authenticator}};
}

/* Somebody who has just let himself in, and to whom no right-holder's heart has beaten yet. */
static unsigned come_through_open_door(const char *name)
{
    assert_int_equal(ic_conference_waiting_room(of(host), false, s.now), IC_OK);
    courier_run(&s, SECOND);
    unsigned guest = courier_come(&s, &s.guest_link, name, SUITE);
    while (ic_conference_stage(of(guest)) != IC_CONFERENCE_IN ||
           ic_conference_epoch(of(guest)) != ic_conference_epoch(of(host)))
        courier_run(&s, s.step);
    assert_true(of(guest)->presence.unproven);
    return guest;
}

TEST(heart_of_another_group_or_epoch_proves_nothing_and_the_first_is_shown)
{
    static const uint8_t false_one[IC_SHA256_LEN] = {1};
    start();
    unsigned kofi = come_through_open_door("Kofi Mensah");
    uint64_t epoch = ic_conference_epoch(of(kofi));
    struct ic_door_app_message elsewhere =
        heart(epoch, (struct ic_bytes){false_one, sizeof false_one});
    struct ic_door_app_message early =
        heart(epoch + 1, ic_mls_group_epoch_authenticator(of(host)->group));
    struct ic_mls_message one = hold_back(host, &early), other = hold_back(host, &elsewhere);
    hear(kofi, &one);
    assert_true(of(kofi)->presence.unproven);
    hear(kofi, &other);
    assert_true(of(kofi)->presence.unproven);
    courier_run(&s, SECOND); /* a true beat */
    assert_false(of(kofi)->presence.unproven);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_ELSEWHERE), 2);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_ELSEWHERE)->number, 0);
    courier_clear(&s);
}

/* ---- As something else ---- */

static bool is_stuck(unsigned client)
{
    return of(client)->ordering.stuck;
}

static void give_as_commit(unsigned client, uint64_t epoch, struct ic_bytes bytes)
{
    assert_int_equal(ic_conference_hear_committed(of(client), epoch, bytes, s.now), IC_OK);
}

TEST(what_is_no_commit_is_refused_as_one)
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), layla = come_in("Layla Rahman");
    struct ic_door_app_message word = chat("Hello");
    struct ic_mls_message held = hold_back(layla, &word);
    give_as_commit(kofi, ic_conference_epoch(of(kofi)), ic_mls_message_bytes(&held));
    assert_true(is_stuck(kofi));
    give_as_commit(host, ic_conference_epoch(of(host)), (struct ic_bytes){0});
    assert_true(is_stuck(host));
    ic_mls_message_clear(&held);
    courier_clear(&s);
}

TEST(commit_that_is_too_far_ahead_takes_no_place_of_one_that_is_not)
{
    start();
    unsigned kofi = come_in("Kofi Mensah");
    uint64_t epoch = ic_conference_epoch(of(kofi));
    struct ic_bytes noise = ic_bytes_of_text("noise"), more = ic_bytes_of_text("more noise");
    const struct ic_mls_message *kept = &of(kofi)->ordering.early[(epoch + 1) % IC_EARLY_MAX];
    give_as_commit(kofi, epoch + 1, noise);
    give_as_commit(kofi, epoch + 1 + IC_EARLY_MAX, more);
    assert_true(ic_bytes_equal(ic_mls_message_bytes(kept), noise));
    give_as_commit(kofi, epoch + IC_EARLY_MAX, more);
    give_as_commit(kofi, UINT64_MAX, more);
    assert_null(of(kofi)->ordering.early[epoch % IC_EARLY_MAX].at);
    assert_null(of(kofi)->ordering.early[UINT64_MAX % IC_EARLY_MAX].at);
    courier_clear(&s);
}

static void give_as_reject(unsigned client, uint64_t epoch, struct ic_mls_message *held)
{
    assert_int_equal(
        ic_conference_hear_rejected(of(client), epoch, ic_mls_message_bytes(held), s.now), IC_OK);
    ic_mls_message_clear(held);
}

/* Of what is no commit. */
static const char NOISE[] = "noise";

static struct ic_door_app_message reject(uint64_t epoch)
{
    static uint8_t hash[IC_SHA256_LEN];
    ic_sha256(hash, ic_bytes_of_text(NOISE));
    return (struct ic_door_app_message){.type = IC_DOOR_APP_REJECT,
                                        .reject = {.epoch = epoch, .commit = {hash, sizeof hash}}};
}

TEST(refused_commit_is_taken_back_by_a_reject_of_its_epoch_and_by_nothing_else)
{
    start();
    unsigned kofi = come_in("Kofi Mensah");
    uint64_t epoch = ic_conference_epoch(of(kofi));
    struct ic_door_app_message later = reject(epoch + 1), good = reject(epoch);
    struct ic_door_app_message beat =
        heart(epoch, ic_mls_group_epoch_authenticator(of(host)->group));
    const struct {
        struct ic_door_app_message *said;
        uint64_t given_as;
    } wrong[] = {{&beat, epoch}, {&later, epoch}, {&later, epoch + 1}, {&good, epoch + 1}};
    struct ic_mls_message held[IC_COUNT(wrong)], right;
    for (size_t i = 0; i < IC_COUNT(wrong); i++)
        held[i] = hold_back(host, wrong[i].said);
    right = hold_back(host, &good);
    give_as_commit(kofi, epoch, ic_bytes_of_text(NOISE));
    for (size_t i = 0; i < IC_COUNT(wrong); i++) {
        give_as_reject(kofi, wrong[i].given_as, &held[i]);
        assert_true(is_stuck(kofi));
    }
    give_as_reject(kofi, epoch, &right);
    assert_false(is_stuck(kofi));
    courier_clear(&s);
}

/* Another commit for the epoch of a refused one must wait for the reject: who refused nothing is
 * in the next epoch by the first. */
TEST(commit_in_place_of_a_refused_one_is_not_entered_before_the_reject)
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), layla = come_in("Layla Rahman");
    uint64_t epoch = ic_conference_epoch(of(kofi));
    give_as_commit(kofi, epoch, ic_bytes_of_text("noise"));
    assert_int_equal(ic_conference_rekey(of(layla), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_epoch(of(layla)), epoch + 1);
    assert_int_equal(ic_conference_epoch(of(kofi)), epoch);
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(words_of_who_is_gone_are_nobodys_also_when_his_place_is_taken),
    cmocka_unit_test(frames_of_who_is_gone_open_no_more),
    cmocka_unit_test(words_of_the_epoch_before_are_heard_of_who_is_still_there),
    cmocka_unit_test(announcement_that_comes_behind_a_later_one_changes_nothing),
    cmocka_unit_test(chat_of_who_may_not_chat_is_shown_to_nobody),
    cmocka_unit_test(place_to_knock_at_is_believed_of_who_may_admit_alone),
    cmocka_unit_test(request_about_nobody_changes_nothing),
    cmocka_unit_test(heart_of_another_group_or_epoch_proves_nothing_and_the_first_is_shown),
    cmocka_unit_test(what_is_no_commit_is_refused_as_one),
    cmocka_unit_test(commit_that_is_too_far_ahead_takes_no_place_of_one_that_is_not),
    cmocka_unit_test(refused_commit_is_taken_back_by_a_reject_of_its_epoch_and_by_nothing_else),
    cmocka_unit_test(commit_in_place_of_a_refused_one_is_not_entered_before_the_reject))
