/* The life of one participant. Whatever tears something down is done from the timer, never from
 * inside a call-back of what is torn down. */
#include <stdio.h>
#include <stdlib.h>

#include "client/clock.h"
#include "client/participant_parts.h"
#include "crypto/secret.h"

#define JOIN_NS (60 * IC_NS_PER_SEC) /* then the attempt has failed */
#define LEAVE_NS (3 * IC_NS_PER_SEC) /* for the server to close the socket */

static const char *const stuck_at[] = {
    [IC_PARTICIPANT_IDLE] = "the socket is not open",
    [IC_PARTICIPANT_OPENING] = "the server does not accept a WebSocket",
    [IC_PARTICIPANT_ENTERING] = "the server does not answer",
    [IC_PARTICIPANT_WAITING] = "nobody has let it in",
    [IC_PARTICIPANT_ENTERED] = "the server has not answered the connect message",
    [IC_PARTICIPANT_ANSWERED] =
        "the media server does not answer: its address may not be reachable from here",
};

void ic_participant_say(struct ic_participant *p, char *text)
{
    ic_signalling_say_take(p->signalling, text);
}

void ic_participant_finish(struct ic_participant *p, const char *why)
{
    if (p->finish_now || p->state == IC_PARTICIPANT_GONE)
        return;
    p->finish_now = true;
    p->finish_why = why;
    ic_participant_arm(p, ic_clock_now());
}

void ic_participant_note_problem(struct ic_participant *p, const char *problem)
{
    snprintf(p->last_problem, sizeof p->last_problem, "%s", problem);
}

/* Why it is not in yet. */
static const char *stuck(struct ic_participant *p)
{
    snprintf(p->why, sizeof p->why, "%s%s%s", stuck_at[p->state],
             p->last_problem[0] ? "; last: " : "", p->last_problem);
    return p->why;
}

static void depart(struct ic_participant *p)
{
    p->state = IC_PARTICIPANT_GONE;
    p->finish_now = false;
    ic_participant_disconnect(p);
    ic_roster_clear(&p->roster);
    uv_timer_stop(&p->timer);
    p->company->finished(p->company->owner, p->finish_why, p->connected_once);
}

/* Who waits for people waits as long as they take. */
static int64_t join_deadline(const struct ic_participant *p)
{
    bool joining = !p->connected_once && p->state != IC_PARTICIPANT_WAITING &&
                   p->state < IC_PARTICIPANT_LEAVING;
    return joining ? p->started_at + JOIN_NS : INT64_MAX;
}

static void advance(struct ic_participant *p, int64_t now)
{
    if (!p->finish_now && now >= join_deadline(p))
        ic_participant_finish(p, stuck(p));
    if (now >= p->leave_at)
        ic_participant_finish(p, p->leave_why);
    if (p->finish_now) {
        depart(p);
        return;
    }
    if (now >= p->open_at) {
        p->open_at = INT64_MAX;
        p->state = p->may_resume ? p->state : IC_PARTICIPANT_OPENING;
        ic_signalling_open(p->signalling);
    }
    if (now >= p->connect_at && p->entered_once)
        ic_participant_connect(p);
    if (p->attendance && now >= ic_attendance_next_tick(p->attendance))
        ic_attendance_tick(p->attendance, now);
    if (p->attendance && now >= p->expire_at) {
        ic_e2ee_expire(ic_attendance_frames(p->attendance), now);
        p->expire_at = now + IC_NS_PER_SEC;
    }
    if (p->peer)
        ic_participant_media_advance(p, now);
    ic_participant_arm(p, now);
}

static void on_timer(uv_timer_t *timer)
{
    struct ic_participant *p = timer->data;
    p->armed_for = INT64_MAX;
    advance(p, ic_clock_now());
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_timeout(const struct ic_participant *p)
{
    if (p->finish_now)
        return 0;
    int64_t due = earliest(earliest(p->open_at, p->connect_at), p->leave_at);
    due = earliest(due, join_deadline(p));
    due = earliest(due, p->expire_at);
    if (p->attendance)
        due = earliest(due, ic_attendance_next_tick(p->attendance));
    return earliest(due, ic_participant_media_timeout(p));
}

void ic_participant_arm(struct ic_participant *p, int64_t now)
{
    int64_t due = next_timeout(p);
    if (p->state == IC_PARTICIPANT_GONE || due >= p->armed_for)
        return;
    p->armed_for = due;
    /* Never 0: libuv would run a timer that is always due for ever, and nothing else. */
    int64_t wait_ms = due > now ? (due - now + IC_NS_PER_MS - 1) / IC_NS_PER_MS : 1;
    uv_update_time(p->company->loop);
    uv_timer_start(&p->timer, on_timer, (uint64_t)wait_ms, 0);
}

enum ic_err ic_participant_new(struct ic_participant **out, const struct ic_company *company,
                               struct ic_link *link, const struct ic_part *part)
{
    struct ic_participant *p = calloc(1, sizeof *p);
    if (!p)
        return IC_ERR_SYSTEM;
    p->company = company;
    p->link = link;
    p->part = *part;
    p->armed_for = p->open_at = p->connect_at = p->leave_at = p->expire_at = INT64_MAX;
    p->roster.write_dir = company->write_dir;
    p->roster.ordinal = part->ordinal;
    p->control = company->control ? ic_control_new(company->control, part->ordinal) : NULL;
    if ((company->control && !p->control) ||
        ic_signalling_new(&p->signalling, company->hub, &link->server, &ic_participant_hears, p) !=
            IC_OK) {
        ic_control_free(p->control);
        free(p);
        return IC_ERR_SYSTEM;
    }
    uv_timer_init(company->loop, &p->timer);
    p->timer.data = p;
    *out = p;
    return IC_OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void ic_participant_free(struct ic_participant *p)
{
    if (!p)
        return;
    ic_participant_disconnect(p);
    ic_roster_clear(&p->roster);
    ic_attendance_free(p->attendance);
    ic_control_free(p->control);
    ic_signalling_free(p->signalling);
    ic_secret_wipe(p->resume, sizeof p->resume);
    uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}

void ic_participant_start(struct ic_participant *p, int64_t now)
{
    p->started_at = now;
    p->open_at = now;
    ic_participant_arm(p, now);
}

void ic_participant_leave(struct ic_participant *p)
{
    if (p->state == IC_PARTICIPANT_GONE || p->state == IC_PARTICIPANT_LEAVING)
        return;
    int64_t now = ic_clock_now();
    p->leave_why = p->connected_once ? NULL : stuck(p);
    /* The server closes the socket then. If we did, with something unread in it, the reset that
       TCP makes of that could overtake our goodbye, and we would be taken for lost. */
    bool said = p->may_resume && ic_signalling_say_take(p->signalling, ic_say_leave());
    p->state = IC_PARTICIPANT_LEAVING;
    p->open_at = p->connect_at = INT64_MAX;
    p->leave_at = said ? now + LEAVE_NS : now;
    ic_participant_arm(p, now);
}

void ic_participant_command(struct ic_participant *p, const char *line)
{
    int64_t now = ic_clock_now();
    if (strcmp(line, "leave") == 0)
        ic_participant_leave(p);
    else if (strcmp(line, "count") == 0)
        ic_control_count(p->control, p->company->stats);
    else if (p->attendance && p->state != IC_PARTICIPANT_GONE)
        ic_attendance_command(p->attendance, line, now);
    ic_participant_arm(p, now);
}

bool ic_participant_connected(const struct ic_participant *p)
{
    return p->state == IC_PARTICIPANT_CONNECTED;
}

const char *ic_participant_problem(const struct ic_participant *p)
{
    return p->last_problem;
}

uint32_t ic_participant_people(const struct ic_participant *p)
{
    return p->roster.count;
}

void ic_participant_second(struct ic_participant *p, int64_t now)
{
    ic_roster_gaps(&p->roster, p->company->stats, now);
    if (p->peer)
        p->company->stats->now.socket_drops += ic_peer_take_drops(p->peer);
}
