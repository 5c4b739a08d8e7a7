/* The process around the participants: media files, library set-up, ramp, statistics, signals. */
#include "client/crew.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <uv.h>

#include "base/encode.h"
#include "client/clock.h"
#include "client/commands.h"
#include "client/link.h"
#include "client/participant.h"
#include "crypto/certificate.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/suite.h"

enum {
    CELLS_EACH = 64,
    CELLS_LEAST = 4096,
    PATTERN_HEIGHT = 720,
    LEAVE_MS = 4000,
    RAMP_MS = 10,
    NO_SERVER_MS = 1500
};

struct crew {
    const struct ic_options *options;
    FILE *out;
    uv_loop_t loop;
    uv_timer_t ramp, second, end;
    uv_signal_t interrupt, terminate;
    struct ic_commands commands;
    struct ic_company company;
    struct ic_inbox inbox;
    struct ic_outbox outbox;
    struct ic_frame_buffers buffers;
    struct ic_stats stats;
    struct ic_certificate *certificate;
    struct ic_dtls_context *dtls;
    struct ic_clip audio, videos[IC_OPTIONS_VIDEOS_MAX], screen, screen_audio;
    struct ic_start_address start;
    struct ic_link links[IC_OPTIONS_LINKS_MAX];
    struct ic_link guest_link; /* of a meeting that was made here */
    uint32_t link_count;
    struct ic_participant *participants[IC_PARTICIPANTS_MAX];
    uint32_t count, started, finished;
    double credit;         /* joins that the ramp allows now */
    int64_t ramp_at;       /* when it was last reckoned */
    bool awaiting_meeting; /* the first participant is still to create it */
    bool leaving;
    bool said_no_server;
    int status;
};

static void complain(const char *what, const char *why)
{
    fprintf(stderr, "incamera-client: %s %s\n", what, why);
}

/* Of a meeting that is yet to be created. */
static void make_link(struct ic_link *link, const struct ic_start_address *start)
{
    link->server = start->server;
    link->door.kind = IC_DOOR_LINK_HOST;
    ic_random_fill(link->door.secret, sizeof link->door.secret);
    ic_random_fill(link->door.root_seed, sizeof link->door.root_seed);
}

static enum ic_err read_links(struct crew *c)
{
    const struct ic_options *o = c->options;
    for (uint32_t i = 0; i < o->link_count; i++) {
        enum ic_err err = ic_link_parse(&c->links[i], o->links[i]);
        if (err == IC_OK)
            continue;
        fprintf(
            stderr, "incamera-client: link %u %s%s\n", i + 1,
            err == IC_ERR_FORBIDDEN
                ? "is of a meeting without a door, and there are none any more: ask for a new one"
                : "is not of the form https://host/MEETING#SECRET",
            strstr(o->links[i], "/start#") ? " (for a start address use --start)" : "");
        return IC_ERR_MALFORMED;
    }
    c->link_count = o->link_count;
    if (!o->start)
        return IC_OK;
    if (ic_start_address_parse(&c->start, o->start) != IC_OK) {
        complain("--start takes", "an address of the form https://host/start#TOKEN");
        return IC_ERR_MALFORMED;
    }
    make_link(&c->links[0], &c->start);
    c->link_count = 1;
    c->awaiting_meeting = true;
    return IC_OK;
}

/* Without a path there is none. */
static enum ic_err load_clip(const struct ic_clip **out, struct ic_clip *clip, const char *path,
                             enum ic_codec codec)
{
    const char *why = "";
    if (!path)
        return IC_OK;
    enum ic_err err = ic_clip_load(clip, path, codec, &why);
    if (err != IC_OK)
        complain(path, why);
    else
        *out = clip;
    return err;
}

static enum ic_err load_media(struct crew *c)
{
    const struct ic_options *o = c->options;
    struct ic_media *m = &c->company.media;

    m->tone = o->tone;
    m->pattern_bps = o->pattern_bps;
    m->layers = o->layers;
    m->rates = o->rates;
    m->height = PATTERN_HEIGHT;
    if (load_clip(&m->audio, &c->audio, o->audio, IC_CODEC_OPUS) != IC_OK ||
        load_clip(&m->screen, &c->screen, o->screen, IC_CODEC_VP8) != IC_OK ||
        load_clip(&m->screen_audio, &c->screen_audio, o->screen_audio, IC_CODEC_OPUS) != IC_OK)
        return IC_ERR_SYSTEM;
    for (uint32_t i = 0; i < o->video_count; i++) {
        if (load_clip(&m->videos[i], &c->videos[i], o->videos[i], IC_CODEC_VP8) != IC_OK)
            return IC_ERR_SYSTEM;
        m->height = c->videos[i].height;
    }
    m->video_count = o->video_count;
    m->screen_height = c->screen.height;
    return IC_OK;
}

static enum ic_err check_folder(const char *path)
{
    struct stat status;
    if (!path || (stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
        return IC_OK;
    complain("--write takes an existing folder, not", path);
    return IC_ERR_SYSTEM;
}

static enum ic_err set_up_libraries(struct crew *c)
{
    struct ic_company *company = &c->company;
    uint32_t cells = CELLS_LEAST + CELLS_EACH * c->count;
    enum ic_err err = ic_certificate_new(&c->certificate, ic_clock_wall() / IC_NS_PER_SEC);
    if (err == IC_OK)
        err = ic_dtls_context_new(&c->dtls, c->certificate);
    if (err == IC_OK && c->options->sha1_srtp)
        err = ic_dtls_context_only(c->dtls, IC_SRTP_AES_CM_SHA1_80);
    if (err == IC_OK)
        err = ic_cells_new(&company->cells, cells);
    bool tls = false;
    for (uint32_t i = 0; i < c->link_count; i++)
        tls = tls || c->links[i].server.tls;
    if (err == IC_OK)
        err = ic_signalling_hub_new(&company->hub, &c->loop,
                                    !tls || c->options->insecure_certificate);
    if (err != IC_OK) {
        complain("the libraries", "could not be set up");
        return err;
    }
    ic_certificate_fingerprint(company->fingerprint, c->certificate);
    company->peer = (struct ic_peer_shared){.loop = &c->loop,
                                            .dtls = c->dtls,
                                            .inbox = &c->inbox,
                                            .outbox = &c->outbox,
                                            .tcp = c->options->tcp,
                                            .tamper = company->tamper};
    return IC_OK;
}

static void stop_loop(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void on_ramp(uv_timer_t *timer);

static void leave_all(struct crew *c)
{
    if (c->leaving)
        return;
    c->leaving = true;
    uv_timer_stop(&c->ramp);
    for (uint32_t i = 0; i < c->started; i++)
        ic_participant_leave(c->participants[i]);
    if (c->finished == c->started)
        uv_stop(&c->loop);
    uv_timer_start(&c->end, stop_loop, LEAVE_MS, 0);
}

static void on_finished(void *owner, const char *why, bool was_in)
{
    struct crew *c = owner;
    c->finished++;
    if (why) {
        c->status = 1;
        c->stats.failed_joins += !was_in;
        complain(was_in ? "had to go:" : "could not join:", why);
    }
    bool none_left = c->finished == c->started && (c->started == c->count || c->leaving);
    if (none_left || c->awaiting_meeting)
        uv_stop(&c->loop);
}

static void print_created(struct crew *c)
{
    struct ic_link guests;
    char host_text[IC_LINK_TEXT_SIZE], text[IC_LINK_TEXT_SIZE];
    if (ic_link_for_guests(&guests, &c->links[0]) != IC_OK)
        return;
    ic_link_print(host_text, &c->links[0]);
    ic_link_print(text, &guests);
    fprintf(c->out, "{\"link\":\"%s\",\"host_link\":\"%s\"}\n", text, host_text);
    if (c->count > 1)
        c->guest_link = guests;
    ic_secret_wipe(&guests, sizeof guests);
}

static void on_created(void *owner)
{
    struct crew *c = owner;
    c->awaiting_meeting = false;
    c->ramp_at = ic_clock_now();
    print_created(c);
    fflush(c->out);
    uv_timer_start(&c->ramp, on_ramp, 0, RAMP_MS);
}

/* Who creates a meeting is its host, the others of the process are guests. */
static struct ic_link *link_of(struct crew *c, uint32_t ordinal)
{
    bool guest = c->options->start && ordinal > 0;
    return guest ? &c->guest_link : &c->links[ordinal % c->link_count];
}

static enum ic_err add_participant(struct crew *c)
{
    const struct ic_options *o = c->options;
    uint32_t ordinal = c->started, place = ordinal / c->link_count;
    const bool sends = place < o->publishers && ic_media_streams(&c->company.media) != 0;
    const struct ic_part part = {.ordinal = ordinal,
                                 .sends = sends,
                                 .receives = !(sends && o->send_only),
                                 .start_token = o->start && ordinal == 0 ? c->start.token : NULL};
    enum ic_err err =
        ic_participant_new(&c->participants[ordinal], &c->company, link_of(c, ordinal), &part);
    if (err == IC_OK)
        c->started++;
    return err;
}

/* Every 10 ms: as many joins as the ramp allows. The first of a new meeting goes alone. */
static void on_ramp(uv_timer_t *timer)
{
    struct crew *c = timer->data;
    int64_t now = ic_clock_now();
    c->credit += c->options->ramp * (double)(now - c->ramp_at) / 1e9;
    c->ramp_at = now;
    if (c->credit > c->options->ramp)
        c->credit = c->options->ramp;
    while (c->started < c->count && (c->credit >= 1 || c->started == 0)) {
        c->credit -= c->started == 0 ? 0 : 1;
        if (add_participant(c) != IC_OK) {
            complain("no memory for", "so many participants");
            c->status = 1;
            uv_stop(&c->loop);
            return;
        }
        ic_participant_start(c->participants[c->started - 1], now);
        if (c->awaiting_meeting)
            break;
    }
    if (c->started == c->count || c->awaiting_meeting)
        uv_timer_stop(timer);
}

/* Once: who waits for people should not wonder why nothing happens. */
static void say_no_server(struct crew *c, int64_t now)
{
    const char *problem = c->started > 0 ? ic_participant_problem(c->participants[0]) : "";

    if (c->said_no_server || c->leaving || c->stats.joins.count > 0 || problem[0] == 0 ||
        now - c->stats.started_at < NO_SERVER_MS * IC_NS_PER_MS)
        return;
    c->said_no_server = true;
    fprintf(stderr, "incamera-client: not in a meeting yet, trying on: %s\n", problem);
}

static void on_second(uv_timer_t *timer)
{
    struct crew *c = timer->data;
    int64_t now = ic_clock_now();
    c->stats.joined = c->stats.people = 0;
    for (uint32_t i = 0; i < c->started; i++) {
        uint32_t people = ic_participant_people(c->participants[i]);
        ic_participant_second(c->participants[i], now);
        c->stats.joined += ic_participant_connected(c->participants[i]);
        c->stats.people = people > c->stats.people ? people : c->stats.people;
    }
    ic_stats_line(&c->stats, c->out, now);
    say_no_server(c, now);
    if (c->options->seconds && now - c->stats.started_at >= c->options->seconds * IC_NS_PER_SEC)
        leave_all(c);
}

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    leave_all(signal->data);
}

static void on_command(void *owner, const char *line)
{
    struct crew *c = owner;
    if (c->started > 0 && !c->leaving)
        ic_participant_command(c->participants[0], line);
}

static void start_handles(struct crew *c)
{
    uv_timer_init(&c->loop, &c->ramp);
    uv_timer_init(&c->loop, &c->second);
    uv_timer_init(&c->loop, &c->end);
    uv_signal_init(&c->loop, &c->interrupt);
    uv_signal_init(&c->loop, &c->terminate);
    c->ramp.data = c->second.data = c->end.data = c->interrupt.data = c->terminate.data = c;
    c->ramp_at = ic_clock_now();
    uv_timer_start(&c->ramp, on_ramp, 0, RAMP_MS);
    uv_timer_start(&c->second, on_second, 1000, 1000);
    uv_signal_start(&c->interrupt, on_signal, SIGINT);
    uv_signal_start(&c->terminate, on_signal, SIGTERM);
    if (c->options->control && ic_commands_start(&c->commands, &c->loop, on_command, c) != IC_OK)
        complain("--control:", "standard input cannot be waited for");
}

static void close_handles(struct crew *c)
{
    uv_close((uv_handle_t *)&c->ramp, NULL);
    uv_close((uv_handle_t *)&c->second, NULL);
    uv_close((uv_handle_t *)&c->end, NULL);
    uv_close((uv_handle_t *)&c->interrupt, NULL);
    uv_close((uv_handle_t *)&c->terminate, NULL);
    ic_commands_stop(&c->commands);
}

static void run(struct crew *c)
{
    start_handles(c);
    uv_run(&c->loop, UV_RUN_DEFAULT);

    int64_t now = ic_clock_now();
    c->stats.joined = (uint32_t)c->stats.joins.count;
    ic_stats_line(&c->stats, c->out, now);
    ic_stats_final(&c->stats, c->out, now);
    if (c->stats.joins.count < c->count)
        c->status = 1;
    for (uint32_t i = 0; i < c->started; i++)
        ic_participant_free(c->participants[i]);
    close_handles(c);
    uv_run(&c->loop, UV_RUN_NOWAIT);
}

static void tear_down(struct crew *c)
{
    ic_signalling_hub_free(c->company.hub);
    uv_loop_close(&c->loop);
    ic_cells_free(&c->company.cells);
    ic_dtls_context_free(c->dtls);
    ic_certificate_free(c->certificate);
    ic_clip_clear(&c->audio);
    ic_clip_clear(&c->screen);
    ic_clip_clear(&c->screen_audio);
    for (int i = 0; i < IC_OPTIONS_VIDEOS_MAX; i++)
        ic_clip_clear(&c->videos[i]);
    ic_secret_wipe(c->links, sizeof c->links);
    ic_secret_wipe(&c->guest_link, sizeof c->guest_link);
}

int ic_crew_run(const struct ic_options *options, const struct ic_tamper *tamper, FILE *out)
{
    struct crew *c = calloc(1, sizeof *c);
    if (!c)
        return 1;
    c->options = options;
    c->out = out;
    c->status = 1;
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&c->loop);
    ic_stats_init(&c->stats, ic_clock_now());
    c->company.loop = &c->loop;
    c->company.buffers = &c->buffers;
    c->company.stats = &c->stats;
    c->company.name = options->name;
    c->company.passcode = options->passcode;
    c->company.title = options->title;
    c->company.show = options->show;
    c->company.height = options->height;
    c->company.write_dir = options->write_dir;
    c->company.tamper = tamper;
    c->company.admits = options->admit;
    c->company.again = options->again;
    c->company.admit_after_ns = options->admit_after * IC_NS_PER_MS;
    c->company.control = options->control ? out : NULL;
    c->company.suite = IC_SUITE_HYBRID;
    c->company.finished = on_finished;
    c->company.created = on_created;
    c->company.owner = c;
    if (read_links(c) != IC_OK) {
        c->status = 2;
    } else if (load_media(c) == IC_OK && check_folder(options->write_dir) == IC_OK) {
        c->count = options->count * c->link_count;
        c->stats.participants = c->count;
        c->company.numbered = c->count > 1;
        if (set_up_libraries(c) == IC_OK) {
            c->status = 0;
            run(c);
        }
    }
    tear_down(c);
    int status = c->status;
    free(c);
    return status;
}
