/* janus.c - Janus and its VideoRoom plugin: one publisher handle for each sender, and for each
 * receiver one subscriber handle with all its feeds.
 *
 * Only AEAD_AES_128_GCM is counted (the server prefers it). No retransmission, simulcast or
 * transport-wide feedback is negotiated, which costs Janus nothing and spares it work. */
#include <ifaddrs.h>
#include <jansson.h>
#include <net/if.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "bench/system.h"
#include "bench/websocket.h"

enum {
    WS_PORT = 18188,
    OPEN_TRIES = 100,
    OPEN_WAIT_US = 50000,
    SDP_MAX = 32 * 1024,
    PATH_LEN = 64,
    FINGERPRINT_TEXT = 32 * 3,
    GROUP = 16, /* subscribers that join at a time */
};

#define JOIN_NS (20 * IC_NS_PER_SEC)
#define PROGRAM "/usr/bin/janus"

static char folder[PATH_LEN];
static char host[64];
static int ws = -1;
static json_int_t session;
static uint32_t transactions;
static json_int_t *feeds; /* of each peer that sends */

static bool available(void)
{
    return access(PROGRAM, X_OK) == 0;
}

/* ---- the process ---- */

static void write_config(const char *name, const char *format, ...)
{
    char path[PATH_LEN + 64];
    va_list args;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file)
        exit(EXIT_FAILURE);
    va_start(args, format);
    vfprintf(file, format, args);
    va_end(args);
    fclose(file);
}

static void write_configs(int event_loops)
{
    strcpy(folder, "/tmp/forward_bench.XXXXXX");
    if (!mkdtemp(folder))
        exit(EXIT_FAILURE);
    write_config("janus.jcfg",
                 "general: {\n  debug_level = 2\n  session_timeout = 0\n  %sevent_loops = %d\n}\n"
                 "media: {\n  rtp_port_range = \"20000-30000\"\n}\n"
                 "nat: {\n  ice_lite = true\n  full_trickle = false\n}\n"
                 "plugins: {\n  disable = \"libjanus_audiobridge.so,libjanus_echotest.so,"
                 "libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,"
                 "libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so,"
                 "libjanus_lua.so,libjanus_duktape.so\"\n}\n"
                 "transports: {\n  disable = \"libjanus_http.so,libjanus_mqtt.so,"
                 "libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so\"\n}\n"
                 "loggers: {\n}\nevents: {\n}\n",
                 event_loops > 0 ? "" : "#", event_loops);
    write_config("janus.transport.websockets.jcfg",
                 "general: {\n  json = \"compact\"\n  ws = true\n  ws_port = %d\n"
                 "  ws_ip = \"127.0.0.1\"\n  wss = false\n}\nadmin: {\n  admin_ws = false\n}\n",
                 WS_PORT);
    write_config("janus.plugin.videoroom.jcfg", "general: {\n}\n");
}

static void remove_configs(void)
{
    static const char *const names[] = {"janus.jcfg", "janus.transport.websockets.jcfg",
                                        "janus.plugin.videoroom.jcfg"};
    char path[PATH_LEN + 64];
    for (size_t i = 0; i < IC_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static pid_t start_with(int event_loops)
{
    write_configs(event_loops);
    pid_t pid = bench_fork(BENCH_SERVER_CORE);
    if (pid == 0) {
        bench_silence();
        execl(PROGRAM, PROGRAM, "-F", folder, (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    for (int i = 0; i < OPEN_TRIES && ws < 0; i++) {
        usleep(OPEN_WAIT_US);
        ws = bench_websocket_open(WS_PORT, "janus-protocol");
    }
    return pid;
}

static pid_t start_packaged(struct bench_load *load)
{
    (void)load;
    return start_with(0);
}

static pid_t start_one_loop(struct bench_load *load)
{
    (void)load;
    return start_with(1);
}

static void stop(pid_t pid)
{
    bench_end(pid);
    if (ws >= 0)
        close(ws);
    ws = -1;
    free(feeds);
    feeds = NULL;
    remove_configs();
}

/* It never offers the loopback address: the first other one is where we meet, still without
 * leaving the machine. */
static bool find_host(void)
{
    struct ifaddrs *all;
    bool found = false;

    if (getifaddrs(&all) != 0)
        return false;
    for (struct ifaddrs *i = all; i && !found; i = i->ifa_next) {
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || i->ifa_flags & IFF_LOOPBACK ||
            !(i->ifa_flags & IFF_UP))
            continue;
        found = getnameinfo(i->ifa_addr, sizeof(struct sockaddr_in), host, sizeof host, NULL, 0,
                            NI_NUMERICHOST) == 0;
    }
    freeifaddrs(all);
    return found;
}

/* ---- requests ---- */

/* The answer to `transaction` that is not just an acknowledgement. */
static json_t *await(const char *transaction)
{
    const char *text;
    while ((text = bench_websocket_receive(ws))) {
        json_t *message = json_loads(text, 0, NULL);
        const char *kind = json_string_value(json_object_get(message, "janus"));
        const char *of = json_string_value(json_object_get(message, "transaction"));
        if (kind && of && strcmp(of, transaction) == 0 && strcmp(kind, "ack") != 0) {
            if (strcmp(kind, "error") != 0)
                return message;
            fprintf(stderr, "Janus: %s\n", text);
            json_decref(message);
            return NULL;
        }
        json_decref(message);
    }
    return NULL;
}

/* Takes `message`; returns the answer, the caller's, or NULL. */
static json_t *ask(json_t *message)
{
    char transaction[16];

    snprintf(transaction, sizeof transaction, "%u", transactions++);
    json_object_set_new(message, "transaction", json_string(transaction));
    if (session)
        json_object_set_new(message, "session_id", json_integer(session));
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    bool sent = text && ws >= 0 && bench_websocket_send(ws, text);
    free(text);
    return sent ? await(transaction) : NULL;
}

/* The number under data.id of the answer; 0 if it failed. */
static json_int_t ask_id(json_t *message)
{
    json_t *answer = ask(message);
    json_int_t id = json_integer_value(json_object_get(json_object_get(answer, "data"), "id"));
    json_decref(answer);
    return id;
}

static json_int_t attach(void)
{
    return ask_id(json_pack("{ss ss}", "janus", "attach", "plugin", "janus.plugin.videoroom"));
}

/* Takes `body`; `sdp` may be NULL. */
static json_t *ask_plugin(json_int_t handle, json_t *body, const char *type, const char *sdp)
{
    json_t *message =
        json_pack("{ss sI so}", "janus", "message", "handle_id", handle, "body", body);
    if (sdp)
        json_object_set_new(message, "jsep", json_pack("{ss ss}", "type", type, "sdp", sdp));
    return ask(message);
}

static bool create_rooms(const struct bench_scenario *scenario)
{
    json_int_t handle = attach();
    for (uint32_t room = 1; room <= scenario->rooms; room++) {
        json_t *answer =
            ask_plugin(handle,
                       json_pack("{ss si si ss ss}", "request", "create", "room", (int)room,
                                 "publishers", 100, "audiocodec", "opus", "videocodec", "vp8"),
                       NULL, NULL);
        if (!answer)
            return false;
        json_decref(answer);
    }
    return true;
}

/* ---- descriptions ---- */

/* Appends to a text of SDP_MAX bytes. */
static void say(char *sdp, const char *format, ...)
{
    size_t len = strlen(sdp);
    va_list args;
    va_start(args, format);
    vsnprintf(sdp + len, SDP_MAX - len, format, args);
    va_end(args);
}

static void say_head(char *sdp)
{
    sdp[0] = '\0';
    say(sdp, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=msid-semantic: WMS *\r\n");
}

static void say_bundle(char *sdp, uint32_t sections)
{
    say(sdp, "a=group:BUNDLE");
    for (uint32_t i = 0; i < sections; i++)
        say(sdp, " %u", i);
    say(sdp, "\r\n");
}

/* One section, up to where its SSRC would stand. */
static void say_section(char *sdp, const struct bench_load *load, const struct bench_peer *p,
                        bool voice, int pt, uint32_t mid, const char *direction)
{
    say(sdp, "m=%s 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 127.0.0.1\r\na=%s\r\na=mid:%u\r\n",
        voice ? "audio" : "video", pt, direction, mid);
    say(sdp, "a=rtcp-mux\r\na=rtpmap:%d %s\r\n", pt, voice ? "opus/48000/2" : "VP8/90000");
    say(sdp, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=setup:active\r\na=fingerprint:sha-256 ",
        p->ours.ufrag, p->ours.pwd);
    for (size_t i = 0; i < sizeof load->fingerprint; i++)
        say(sdp, "%s%02X", i > 0 ? ":" : "", load->fingerprint[i]);
    say(sdp, "\r\na=candidate:1 1 udp 2130706431 %s %u typ host\r\na=end-of-candidates\r\n", host,
        p->port);
}

static void write_offer(char *sdp, const struct bench_load *load, const struct bench_peer *p)
{
    say_head(sdp);
    say_bundle(sdp, 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct bench_stream *s = i == 0 ? &p->audio : &p->video;
        say_section(sdp, load, p, i == 0, s->pt, i, "sendonly");
        say(sdp, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid\r\n", BENCH_MID_EXT);
        say(sdp, "a=ssrc:%u cname:load\r\n", s->ssrc);
    }
}

/* One section for each of the offer's, in its order. */
static void write_answer(char *sdp, const char *offer, const struct bench_load *load,
                         const struct bench_peer *p)
{
    uint32_t count = 0;
    for (const char *at = offer; (at = strstr(at, "\r\nm=")); at += 4)
        count++;
    say_head(sdp);
    say_bundle(sdp, count);
    count = 0;
    for (const char *at = offer; (at = strstr(at, "\r\nm=")); at += 4) {
        const char *pts = strstr(at, "SAVPF ");
        bool voice = strncmp(at + 4, "audio", 5) == 0;
        say_section(sdp, load, p, voice, pts ? atoi(pts + 6) : 0, count++, "recvonly");
    }
}

/* What follows `name` up to the end of its line. */
static bool find_value(char *out, size_t size, const char *sdp, const char *name)
{
    const char *at = strstr(sdp, name);
    if (!at)
        return false;
    at += strlen(name);
    size_t len = strcspn(at, "\r\n");
    if (len >= size)
        return false;
    memcpy(out, at, len);
    out[len] = '\0';
    return true;
}

/* Takes from the server's description what a transport needs, and begins the checks. */
static bool connect_peer(struct bench_peer *p, const char *sdp)
{
    char fingerprint[FINGERPRINT_TEXT + 1], candidate[256], address[64], hex[2 * 32 + 1];
    unsigned port;
    size_t digits = 0;

    if (!sdp || !find_value(p->theirs.ufrag, sizeof p->theirs.ufrag, sdp, "a=ice-ufrag:") ||
        !find_value(p->theirs.pwd, sizeof p->theirs.pwd, sdp, "a=ice-pwd:") ||
        !find_value(fingerprint, sizeof fingerprint, sdp, "a=fingerprint:sha-256 ") ||
        !find_value(candidate, sizeof candidate, sdp, "a=candidate:") ||
        sscanf(candidate, "%*s %*d %*s %*u %63s %u", address, &port) != 2)
        return false;
    for (const char *at = fingerprint; *at && digits < sizeof hex - 1; at++)
        if (*at != ':')
            hex[digits++] = *at;
    hex[digits] = '\0';
    if (ic_hex_decode(p->fingerprint, sizeof p->fingerprint, hex) != IC_OK)
        return false;
    bench_peer_start(p, address, (uint16_t)port, bench_now());
    return true;
}

static const char *sdp_of(const json_t *answer)
{
    return json_string_value(json_object_get(json_object_get(answer, "jsep"), "sdp"));
}

/* ---- joining ---- */

static bool publish(struct bench_load *load, uint32_t i)
{
    static char sdp[SDP_MAX];
    struct bench_peer *p = &load->peers[i];

    write_offer(sdp, load, p);
    json_t *answer = ask_plugin(attach(),
                                json_pack("{ss si ss}", "request", "joinandconfigure", "room",
                                          (int)p->room + 1, "ptype", "publisher"),
                                "offer", sdp);
    const json_t *data = json_object_get(json_object_get(answer, "plugindata"), "data");
    feeds[i] = json_integer_value(json_object_get(data, "id"));
    bool ok = feeds[i] != 0 && connect_peer(p, sdp_of(answer));
    json_decref(answer);
    return ok;
}

static json_t *feeds_for(const struct bench_load *load, const struct bench_peer *p)
{
    json_t *streams = json_array();
    for (uint32_t i = 0; i < load->count; i++)
        if (bench_receives(p, &load->peers[i]))
            json_array_append_new(streams, json_pack("{sI}", "feed", feeds[i]));
    return streams;
}

static bool subscribe(struct bench_load *load, struct bench_peer *p)
{
    static char sdp[SDP_MAX];
    json_int_t handle = attach();
    json_t *offer =
        ask_plugin(handle,
                   json_pack("{ss si ss so}", "request", "join", "room", (int)p->room + 1, "ptype",
                             "subscriber", "streams", feeds_for(load, p)),
                   NULL, NULL);
    const char *text = sdp_of(offer);
    bool ok = text != NULL;
    if (ok) {
        write_answer(sdp, text, load, p);
        json_t *answer = ask_plugin(handle, json_pack("{ss}", "request", "start"), "answer", sdp);
        ok = answer && connect_peer(p, text);
        json_decref(answer);
    }
    json_decref(offer);
    return ok;
}

static bool join_senders(struct bench_load *load)
{
    for (uint32_t i = 0; i < load->count; i++)
        if (load->peers[i].sends && !publish(load, i))
            return false;
    return bench_load_connect(load, JOIN_NS);
}

static bool join_receivers(struct bench_load *load)
{
    uint32_t joined = 0;
    for (uint32_t i = 0; i < load->count; i++) {
        if (!load->peers[i].receives)
            continue;
        if (!subscribe(load, &load->peers[i]))
            return false;
        if (++joined % GROUP == 0 && !bench_load_connect(load, JOIN_NS))
            return false;
    }
    return bench_load_connect(load, JOIN_NS);
}

static bool all_gcm(const struct bench_load *load)
{
    for (uint32_t i = 0; i < load->count; i++)
        if (load->peers[i].profile != IC_SRTP_AEAD_AES_128_GCM)
            return false;
    return true;
}

static bool join(struct bench_load *load)
{
    feeds = calloc(load->count, sizeof *feeds);
    session = 0;
    session = ask_id(json_pack("{ss}", "janus", "create"));
    return feeds && session != 0 && find_host() && create_rooms(load->scenario) &&
           join_senders(load) && join_receivers(load) && all_gcm(load);
}

const struct bench_system bench_janus = {.name = "Janus as packaged",
                                         .split = true,
                                         .available = available,
                                         .start = start_packaged,
                                         .join = join,
                                         .stop = stop};
const struct bench_system bench_janus_one_loop = {.name = "Janus, event_loops = 1",
                                                  .split = true,
                                                  .available = available,
                                                  .start = start_one_loop,
                                                  .join = join,
                                                  .stop = stop};
