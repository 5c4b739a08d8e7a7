/* serve.c - starts the parts in order, runs the loop, and stops.
 *
 * Stopping: everybody is told and closed; when the last WebSocket is gone, or after the grace time,
 * the loop ends and with it the process. */
#include "server/serve.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "server/http.h"
#include "server/media_addresses.h"
#include "server/parts.h"
#include "server/relay_addresses.h"
#include "server/signalling.h"
#include "server/start_address.h"
#include "server/store_lock.h"
#include "server/usage.h"
#include "server/workers.h"

enum { GRACE_MS = 300, STEP_MS = 20 };

struct server {
    const struct ic_config *config;
    uv_loop_t loop;
    struct ic_web_files *files;
    struct ic_store *store;
    struct ic_signal *signal;
    struct ic_http *http;
    struct ic_http_settings http_settings;
    struct ic_workers *workers;
    struct ic_workers_settings workers_settings;
    struct ic_addresses media_addresses;
    struct ic_relays relays;
    char media_program[IC_CONFIG_TEXT_SIZE];
    uv_signal_t on_term, on_int, on_hup;
    uv_timer_t stop_timer;
    double started_at; /* seconds since 1970 */
    int64_t stopped_at;
    bool is_ready; /* has said so */
    bool stopping, stopped;
    bool failed; /* and stopped for that */
};

/* Stopping. */

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
    ic_workers_stop(server->workers);
    ic_signal_stop(server->signal);
    ic_http_stop(server->http);
    uv_timer_start(&server->stop_timer, on_stop_timer, 0, STEP_MS);
}

static void on_renew_signal(uv_signal_t *handle, int number)
{
    struct server *server = handle->data;
    (void)number;

    if (server->config->tls.certificate[0])
        ic_http_renew_certificate(server->http);
    else
        ic_log(IC_LOG_INFO, "serve", IC_EVENT("nothing_to_renew"));
}

static void start_handles(struct server *server)
{
    uv_signal_init(&server->loop, &server->on_term);
    uv_signal_init(&server->loop, &server->on_int);
    uv_timer_init(&server->loop, &server->stop_timer);
    server->on_term.data = server->on_int.data = server->stop_timer.data = server;
    uv_signal_start(&server->on_term, on_stop_signal, SIGTERM);
    uv_signal_start(&server->on_int, on_stop_signal, SIGINT);
    if (server->config->tls.certificate[0] == 0 && isatty(STDIN_FILENO))
        return; /* SIGHUP says that the terminal has gone, and ends the server */
    uv_signal_init(&server->loop, &server->on_hup);
    server->on_hup.data = server;
    uv_signal_start(&server->on_hup, on_renew_signal, SIGHUP);
}

/* Being ready: pages are served and every worker takes media. */

static void list_addresses(char *text, size_t size, const struct ic_addresses *all)
{
    size_t len = 0;

    text[0] = 0;
    for (uint32_t i = 0; i < all->count && len < size; i++)
        len += (size_t)snprintf(text + len, size - len, "%s%s", i ? " " : "", all->at[i]);
}

static void say_ready(struct server *server)
{
    char address[IC_START_ADDRESS_SIZE], media[IC_CONFIG_TEXT_SIZE];

    if (ic_start_address_make(address, server->store, ic_http_public_url(server->http)) != IC_OK)
        return; /* the store has logged why */
    puts(address);
    fflush(stdout);
    list_addresses(media, sizeof media, &server->media_addresses);
    ic_log(IC_LOG_INFO, "serve", IC_EVENT("ready"), IC_TEXT("version", IC_VERSION),
           IC_TEXT("address", ic_http_public_url(server->http)),
           IC_NUMBER("port", ic_http_port(server->http)), IC_TEXT("media", media),
           IC_NUMBER("workers", ic_workers_count(server->workers)));
}

static void on_worker_ready(void *owner, uint32_t worker)
{
    struct server *server = owner;
    (void)worker;

    if (server->is_ready ||
        ic_workers_ready_count(server->workers) < ic_workers_count(server->workers))
        return;
    server->is_ready = true;
    say_ready(server);
}

static void on_worker_lost(void *owner, uint32_t worker)
{
    ic_signal_worker_lost(((struct server *)owner)->signal, worker);
}

/* At the start it is a wrong setting or a taken port; later the others carry on. */
static void on_worker_failed(void *owner, uint32_t worker)
{
    struct server *server = owner;
    const struct ic_config *config = server->config;

    if (server->is_ready)
        return;
    ic_log(IC_LOG_ERROR, "serve", IC_EVENT("no_media"), IC_TEXT("program", server->media_program),
           IC_NUMBER("port", config->media.port ? config->media.port + worker : 0),
           IC_TEXT("expected", "a media process that starts: UDP and TCP media.port free, and for "
                               "each further worker the next"));
    server->failed = server->stopped = true;
}

static void on_transport(void *owner, uint32_t worker, uint32_t transport,
                         enum ic_transport_state state)
{
    ic_signal_transport(((struct server *)owner)->signal, worker, transport, state);
}

static void on_path(void *owner, uint32_t worker, uint32_t transport,
                    const struct ic_transport_stats *path)
{
    ic_signal_path(((struct server *)owner)->signal, worker, transport, path);
}

static void on_refused(void *owner, uint32_t worker, uint32_t transport)
{
    ic_signal_source_refused(((struct server *)owner)->signal, worker, transport);
}

static const struct ic_workers_events worker_events = {
    .ready = on_worker_ready,
    .lost = on_worker_lost,
    .failed = on_worker_failed,
    .transport = on_transport,
    .path = on_path,
    .refused = on_refused,
};

/* Starting. */

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

static enum ic_err find_media(struct server *server)
{
    bool reachable;

    if (ic_find_media_program(server->media_program, server->config) != IC_OK) {
        ic_log(IC_LOG_ERROR, "serve", IC_EVENT("no_media_program"),
               IC_TEXT("expected", "incamera-media beside this program, or media.program"));
        return IC_ERR_NOT_FOUND;
    }
    enum ic_err err = ic_media_addresses(&server->media_addresses, server->config, &reachable);
    if (err == IC_OK && !reachable)
        ic_log(IC_LOG_WARNING, "serve", IC_EVENT("only_loopback"),
               IC_TEXT("meaning", "this machine has no address but loopback, and Firefox will not "
                                  "connect to that; set media.addresses"));
    return err;
}

static void write_metrics(FILE *out, void *owner)
{
    const struct server *server = owner;
    static struct ic_metrics m; /* too big for a stack; every part is written anew */

    m.started_at = server->started_at;
    m.open_files = ic_usage_open_files();
    m.sockets = ic_http_socket_count(server->http);
    ic_usage_of(&m.usage, getpid());
    ic_signal_counts(server->signal, &m.counts);
    ic_workers_metrics(server->workers, &m);
    ic_metrics_write(out, &m);
}

static enum ic_err start_http(struct server *server)
{
    server->http_settings = (struct ic_http_settings){
        .loop = &server->loop,
        .config = server->config,
        .files = server->files,
        .events = &ic_signal_events,
        .owner = server->signal,
        .write_metrics = write_metrics,
        .metrics_owner = server,
    };
    return ic_http_start(&server->http, &server->http_settings);
}

static void on_relay_found(void *owner, const struct ic_address *addresses, uint32_t count)
{
    ic_workers_add_relays(((struct server *)owner)->workers, addresses, count);
}

static enum ic_err start_workers(struct server *server)
{
    server->workers_settings = (struct ic_workers_settings){
        .loop = &server->loop,
        .config = server->config,
        .program = server->media_program,
        .events = &worker_events,
        .owner = server,
    };
    enum ic_err err = ic_workers_start(&server->workers, &server->workers_settings);
    if (err != IC_OK)
        return err;
    ic_signal_set_workers(server->signal, server->workers);
    if (server->config->metrics.listen.count > 0)
        ic_relay_addresses_find(&server->loop, server->relays.urls, on_relay_found, server);
    return err;
}

static enum ic_err open_relays(struct server *server)
{
    struct ic_config_problem problem;

    enum ic_err err = ic_relays_open(&server->relays, server->config, &problem);
    if (err != IC_OK)
        ic_log(IC_LOG_ERROR, "serve", IC_EVENT("no_turn_secret"), IC_TEXT("problem", problem.text));
    return err;
}

static enum ic_err start_parts(struct server *server)
{
    enum ic_err err = load_web_files(server);
    if (err == IC_OK)
        err = find_media(server);
    if (err == IC_OK)
        err = open_relays(server);
    if (err == IC_OK)
        err = ic_store_open(&server->store, server->config->store.path);
    if (err == IC_OK)
        err = ic_store_lock(server->config->store.path);
    if (err == IC_OK)
        err = ic_signal_new(&server->signal, &(struct ic_signal_parts){
                                                 .loop = &server->loop,
                                                 .config = server->config,
                                                 .store = server->store,
                                                 .media_addresses = &server->media_addresses,
                                                 .relays = &server->relays,
                                             });
    if (err == IC_OK)
        err = start_http(server);
    if (err == IC_OK)
        err = start_workers(server);
    return err;
}

enum ic_err ic_serve(const struct ic_config *config)
{
    static struct server server; /* outlives this call: see ic_http_stop() */

    if (uv_loop_init(&server.loop) != 0)
        return IC_ERR_SYSTEM;
    server.config = config;
    server.started_at = (double)time(NULL);
    enum ic_err err = start_parts(&server);
    if (err == IC_OK)
        start_handles(&server);
    while (err == IC_OK && !server.stopped)
        uv_run(&server.loop, UV_RUN_ONCE);
    ic_store_close(server.store);
    ic_relays_close(&server.relays);
    return server.failed ? IC_ERR_SYSTEM : err;
}
