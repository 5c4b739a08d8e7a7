/* WebSockets by libwebsockets on a foreign libuv loop.
 *
 * Traps of the library that shape this file: a message arrives in pieces of any size; lws_write()
 * may be called once per writable call-back and wants room in front of the text; the user pointer
 * is ours, so a socket that goes away while the library still knows it is marked by a NULL. */
#include "client/signalling.h"

#include <libwebsockets.h>
#include <stdlib.h>

#define SUBPROTOCOL "incamera.1"

enum {
    PIECE = 16 * 1024,
    HEARD_MAX = 8 << 20, /* a `joined` of a thousand people is about 6 MiB at worst */
    STOP_MS = 1000,
};

struct ic_signalling_hub {
    void *loop; /* libwebsockets keeps a pointer to this pointer */
    struct lws_context *context;
    bool insecure;
    struct ic_heard heard;
};

struct queued {
    struct queued *next;
    size_t len;
    unsigned char bytes[]; /* LWS_PRE of room, then the text */
};

struct ic_signalling {
    struct ic_signalling_hub *hub;
    const struct ic_server_address *server;
    const struct ic_signalling_events *events;
    void *owner;
    struct lws *wsi; /* NULL: closed */
    bool open;
    struct queued *first, **last;
    uint8_t *in;
    size_t in_len, in_size;
};

static void forget_queue(struct ic_signalling *s)
{
    while (s->first) {
        struct queued *next = s->first->next;
        free(s->first);
        s->first = next;
    }
    s->last = &s->first;
    s->in_len = 0;
}

/* Appends a piece of the message that is arriving; false when it grows too long. */
static bool take_piece(struct ic_signalling *s, const void *piece, size_t len)
{
    if (len > HEARD_MAX - s->in_len)
        return false;
    if (len > IC_MESSAGE_MAX - s->in_len)
        return false;
    if (s->in_len + len > s->in_size) {
        size_t size = 2 * (s->in_len + len);
        uint8_t *in = realloc(s->in, size);
        if (!in)
            return false;
        s->in = in;
        s->in_size = size;
    }
    memcpy(s->in + s->in_len, piece, len);
    s->in_len += len;
    return true;
}

/* Returns 0, or -1 to close the socket. */
static int received(struct ic_signalling *s, struct lws *wsi, const void *piece, size_t len)
{
    if (lws_is_first_fragment(wsi))
        s->in_len = 0;
    if (lws_frame_is_binary(wsi) || !take_piece(s, piece, len))
        return -1;
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
        return 0;

    struct ic_heard *heard = &s->hub->heard;
    if (ic_heard_parse(heard, (struct ic_bytes){s->in, s->in_len}) != IC_OK)
        return -1;
    s->events->heard(s->owner, heard);
    ic_heard_clear(heard);
    return 0;
}

static int write_one(struct ic_signalling *s, struct lws *wsi)
{
    struct queued *q = s->first;
    if (!q)
        return 0;
    s->first = q->next;
    if (!s->first)
        s->last = &s->first;
    int written = lws_write(wsi, q->bytes + LWS_PRE, q->len, LWS_WRITE_TEXT);
    free(q);
    if (written < 0)
        return -1;
    if (s->first)
        lws_callback_on_writable(wsi);
    return 0;
}

static void gone(struct ic_signalling *s, const char *why)
{
    s->wsi = NULL;
    s->open = false;
    forget_queue(s);
    s->events->closed(s->owner, why);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct ic_signalling *s = lws_get_opaque_user_data(wsi);
    (void)user;
    if (!s)
        return reason == LWS_CALLBACK_CLIENT_RECEIVE || reason == LWS_CALLBACK_CLIENT_WRITEABLE ? -1
                                                                                                : 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        s->open = true;
        s->events->opened(s->owner);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return received(s, wsi, in, len);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return write_one(s, wsi);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        lws_set_opaque_user_data(wsi, NULL);
        gone(s, in ? in : "the server does not answer");
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        lws_set_opaque_user_data(wsi, NULL);
        gone(s, "the server closed the socket");
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        /* The only word about a connection that a dying server accepted and never answered. */
        lws_set_opaque_user_data(wsi, NULL);
        gone(s, "the server closed the connection before it answered");
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = SUBPROTOCOL, .callback = on_event, .rx_buffer_size = PIECE},
    {0},
};

enum ic_err ic_signalling_hub_new(struct ic_signalling_hub **out, uv_loop_t *loop, bool insecure)
{
    struct ic_signalling_hub *hub = calloc(1, sizeof *hub);
    if (!hub)
        return IC_ERR_SYSTEM;
    hub->loop = loop;
    hub->insecure = insecure;
    lws_set_log_level(0, NULL);
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   (insecure ? LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS : 0),
        .foreign_loops = &hub->loop,
        .uid = -1,
        .gid = -1,
    };
    hub->context = lws_create_context(&info);
    if (!hub->context) {
        free(hub);
        return IC_ERR_SYSTEM;
    }
    *out = hub;
    return IC_OK;
}

static void stop_waiting(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

void ic_signalling_hub_free(struct ic_signalling_hub *hub)
{
    if (!hub)
        return;
    uv_timer_t timer;
    uv_timer_init(hub->loop, &timer);
    uv_timer_start(&timer, stop_waiting, STOP_MS, 0);
    uv_unref((uv_handle_t *)&timer);
    lws_context_destroy(hub->context);
    uv_run(hub->loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(hub->loop, UV_RUN_NOWAIT);
    lws_context_destroy(hub->context); /* now that its handles are closed, its memory */
    free(hub);
}

enum ic_err ic_signalling_new(struct ic_signalling **out, struct ic_signalling_hub *hub,
                              const struct ic_server_address *server,
                              const struct ic_signalling_events *events, void *owner)
{
    struct ic_signalling *s = calloc(1, sizeof *s);
    if (!s)
        return IC_ERR_SYSTEM;
    s->hub = hub;
    s->server = server;
    s->events = events;
    s->owner = owner;
    s->last = &s->first;
    *out = s;
    return IC_OK;
}

void ic_signalling_free(struct ic_signalling *s)
{
    if (!s)
        return;
    if (s->wsi) {
        lws_set_opaque_user_data(s->wsi, NULL);
        lws_set_timeout(s->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
    }
    forget_queue(s);
    free(s->in);
    free(s);
}

void ic_signalling_drop(struct ic_signalling *s)
{
    if (!s->wsi)
        return;
    lws_set_opaque_user_data(s->wsi, NULL);
    lws_set_timeout(s->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
    gone(s, "the socket was given up");
}

void ic_signalling_open(struct ic_signalling *s)
{
    int tls = s->server->tls ? LCCSCF_USE_SSL : 0;
    if (tls && s->hub->insecure)
        tls |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK |
               LCCSCF_ALLOW_EXPIRED | LCCSCF_ALLOW_INSECURE;
    const struct lws_client_connect_info info = {
        .context = s->hub->context,
        .address = s->server->host,
        .port = s->server->port,
        .ssl_connection = tls,
        .path = "/ws",
        .host = s->server->host,
        .protocol = SUBPROTOCOL,
        .local_protocol_name = SUBPROTOCOL,
        .pwsi = &s->wsi,
        .opaque_user_data = s,
        .alpn = "http/1.1",
    };
    /* A failure on the way has already been told by the call-back, which left wsi NULL. */
    lws_client_connect_via_info(&info);
}

bool ic_signalling_say_take(struct ic_signalling *s, char *text)
{
    size_t len = strlen(text);
    struct queued *q = s->open ? malloc(sizeof *q + LWS_PRE + len) : NULL;
    if (q) {
        q->next = NULL;
        q->len = len;
        memcpy(q->bytes + LWS_PRE, text, len);
        *s->last = q;
        s->last = &q->next;
        lws_callback_on_writable(s->wsi);
    }
    free(text);
    return q != NULL;
}
