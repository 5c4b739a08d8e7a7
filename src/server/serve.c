/* serve.c - starts the parts in order, runs the loop, and stops.
 *
 * Stopping: everybody is told and closed; when the last WebSocket is gone, or after the grace time,
 * the loop ends and with it the process. */
#include "server/serve.h"

#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "server/http.h"
#include "server/parts.h"
#include "server/signalling.h"
#include "server/start_address.h"

enum { GRACE_MS = 300, STEP_MS = 20 };

struct server {
    const struct ic_config *config;
    uv_loop_t loop;
    struct ic_web_files *files;
    struct ic_store *store;
    struct ic_signal *signal;
    struct ic_http *http;
    struct ic_http_settings http_settings;
    uv_signal_t on_term, on_int;
    uv_timer_t stop_timer;
    int64_t stopped_at;
    bool stopping, stopped;
};

static void on_stop_timer(uv_timer_t *timer)
{
    struct server *server = timer->data;
    bool late = (int64_t)uv_hrtime() - server->stopped_at > GRACE_MS * IC_NS_PER_MS;

    if (late || ic_http_socket_count(server->http) == 0)
        server->stopped = true;
}

static void on_stop_signal(uv_signal_t *handle, int number)
{
    struct server *server = handle->data;
    (void)number;

    if (server->stopping)
        return;
    server->stopping = true;
    server->stopped_at = (int64_t)uv_hrtime();
    ic_log(IC_LOG_INFO, "serve", IC_EVENT("stopping"));
    ic_signal_stop(server->signal);
    ic_http_stop(server->http);
    uv_timer_start(&server->stop_timer, on_stop_timer, 0, STEP_MS);
}

static void start_handles(struct server *server)
{
    uv_signal_init(&server->loop, &server->on_term);
    uv_signal_init(&server->loop, &server->on_int);
    uv_timer_init(&server->loop, &server->stop_timer);
    server->on_term.data = server->on_int.data = server->stop_timer.data = server;
    uv_signal_start(&server->on_term, on_stop_signal, SIGTERM);
    uv_signal_start(&server->on_int, on_stop_signal, SIGINT);
}

static enum ic_err load_web_files(struct server *server)
{
    char root[IC_CONFIG_TEXT_SIZE] = "";

    if (ic_find_web_root(root, server->config) != IC_OK ||
        ic_web_files_load(&server->files, root) != IC_OK) {
        ic_log(IC_LOG_ERROR, "serve", IC_EVENT("no_web_client"), IC_TEXT("folder", root),
               IC_TEXT("expected", "web.root names a folder with index.html, or `make build`"));
        return IC_ERR_NOT_FOUND;
    }
    return IC_OK;
}

static enum ic_err start_parts(struct server *server)
{
    enum ic_err err = load_web_files(server);
    if (err == IC_OK)
        err = ic_store_open(&server->store, server->config->store.path);
    if (err == IC_OK)
        err = ic_signal_new(&server->signal, &(struct ic_signal_parts){.config = server->config,
                                                                       .store = server->store});
    if (err != IC_OK)
        return err;
    server->http_settings = (struct ic_http_settings){
        .loop = &server->loop,
        .config = server->config,
        .files = server->files,
        .events = &ic_signal_events,
        .owner = server->signal,
    };
    return ic_http_start(&server->http, &server->http_settings);
}

static enum ic_err announce_ready(struct server *server)
{
    char address[IC_START_ADDRESS_SIZE];
    enum ic_err err =
        ic_start_address_make(address, server->store, ic_http_public_url(server->http));

    if (err != IC_OK)
        return err;
    puts(address);
    fflush(stdout);
    ic_log(IC_LOG_INFO, "serve", IC_EVENT("ready"), IC_TEXT("version", IC_VERSION),
           IC_TEXT("address", ic_http_public_url(server->http)),
           IC_NUMBER("port", ic_http_port(server->http)));
    return IC_OK;
}

enum ic_err ic_serve(const struct ic_config *config)
{
    static struct server server; /* outlives this call: see ic_http_stop() */

    if (uv_loop_init(&server.loop) != 0)
        return IC_ERR_SYSTEM;
    server.config = config;
    start_handles(&server);
    enum ic_err err = start_parts(&server);
    if (err == IC_OK)
        err = announce_ready(&server);
    while (err == IC_OK && !server.stopped)
        uv_run(&server.loop, UV_RUN_ONCE);
    ic_store_close(server.store);
    return err;
}
