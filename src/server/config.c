/* config.c - the table of keys and the four sources a value can come from. */
#include "server/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <sys/stat.h>

#include "server/config_values.h"

struct key {
    const char *name; /* section.key */
    enum ic_config_kind kind;
    size_t offset;
    uint32_t min, max;
    const char *initial; /* the default */
    const char *allowed;
    const char *help;
};

#define AT(member) offsetof(struct ic_config, member)

/* clang-format off */
static const struct key keys[] = {
    {"http.listen", IC_CONFIG_ENDPOINTS, AT(http.listen), 1, 0, "127.0.0.1:8080, [::1]:8080",
     "1 to 8 of address:port, IPv6 in brackets; port 0 lets the system choose",
     "where pages and WebSockets are served"},
    {"http.public_url", IC_CONFIG_URL, AT(http.public_url), 0, 0, "",
     "http:// or https:// and a host in lower case, with a port if needed, without a path",
     "the address people open, for links and the Origin check; empty: made from http.listen"},
    {"http.allow_plain_beyond_loopback", IC_CONFIG_FLAG, AT(http.allow_plain_beyond_loopback), 0, 0, "no",
     "yes, no",
     "relaxes: allows HTTP without TLS on addresses other computers can reach, for a proxy that adds TLS"},
    {"http.trusted_proxies", IC_CONFIG_ADDRESSES, AT(http.trusted_proxies), 0, 0, "",
     "up to 16 IPv4 or IPv6 addresses",
     "proxies whose X-Forwarded-For says who asks; needs http.public_url"},
    {"tls.certificate", IC_CONFIG_TEXT, AT(tls.certificate), 0, 0, "",
     "path of a PEM file with the certificate and its chain",
     "serves HTTPS when set, together with tls.key"},
    {"tls.key", IC_CONFIG_TEXT, AT(tls.key), 0, 0, "",
     "path of a PEM file with the private key",
     "belongs to tls.certificate"},
    {"media.addresses", IC_CONFIG_ADDRESSES, AT(media.addresses), 0, 0, "",
     "up to 16 IPv4 or IPv6 addresses",
     "where browsers send media; empty: every interface's. Behind NAT: the outer address"},
    {"media.port", IC_CONFIG_NUMBER, AT(media.port), 0, 65000, "40000",
     "0 to 65000; 0 lets the system choose",
     "first UDP and TCP port for media; each further worker takes the next"},
    {"media.workers", IC_CONFIG_NUMBER, AT(media.workers), 0, IC_CONFIG_WORKERS_MAX, "0",
     "0 to 64; 0 is one a core",
     "how many media processes"},
    {"media.people_per_worker", IC_CONFIG_NUMBER, AT(media.people_per_worker), 1, 1000, "250",
     "1 to 1000",
     "people of one meeting that a media process takes before those who come next go to another one, if there is one"},
    {"media.program", IC_CONFIG_TEXT, AT(media.program), 0, 0, "",
     "path of a program",
     "the media process; empty: incamera-media beside this program"},
    {"media.allow_unconfined", IC_CONFIG_FLAG, AT(media.allow_unconfined), 0, 0, "no",
     "yes, no",
     "relaxes: allows media processes on a kernel that cannot confine them, one without seccomp"},
    {"turn.urls", IC_CONFIG_RELAYS, AT(turn.urls), 0, 0, "",
     "up to 4 of turn:host:port?transport=udp or tcp, turns:host:port?transport=tcp",
     "TURN servers for people whose network lets nothing else through; empty: none"},
    {"turn.secret_file", IC_CONFIG_TEXT, AT(turn.secret_file), 0, 0, "",
     "path of a file with one line of 16 to 256 characters",
     "what the TURN servers have as static-auth-secret; belongs to turn.urls"},
    {"turn.lifetime", IC_CONFIG_NUMBER, AT(turn.lifetime), 600, 86400, "3600",
     "600 to 86400",
     "seconds that a person's TURN credentials hold; they are renewed in time"},
    {"turn.only", IC_CONFIG_FLAG, AT(turn.only), 0, 0, "no",
     "yes, no",
     "browsers send media through the TURN servers only, so that nobody's address reaches the media processes"},
    {"store.path", IC_CONFIG_TEXT, AT(store.path), 0, 0, "data/incamera.db",
     "path of a file; its folder is made when missing",
     "the SQLite file with the meetings"},
    {"web.root", IC_CONFIG_TEXT, AT(web.root), 0, 0, "",
     "path of a folder with index.html",
     "the built browser client; empty: the installed one, else the built one"},
    {"metrics.listen", IC_CONFIG_ENDPOINTS, AT(metrics.listen), 0, 0, "",
     "up to 8 of address:port, IPv6 in brackets; port 0 lets the system choose",
     "where Prometheus reads /metrics, by plain HTTP; empty: nowhere"},
    {"metrics.allow_beyond_loopback", IC_CONFIG_FLAG, AT(metrics.allow_beyond_loopback), 0, 0, "no",
     "yes, no",
     "relaxes: allows metrics.listen on addresses other computers can reach"},
    {"limits.sockets", IC_CONFIG_NUMBER, AT(limits.sockets), 1, 100000, "5000",
     "1 to 100000",
     "open WebSockets"},
    {"limits.connections", IC_CONFIG_NUMBER, AT(limits.connections), 8, 100000, "2000",
     "8 to 100000",
     "open connections without a WebSocket; the one idle for longest makes way"},
    {"limits.connections_per_address", IC_CONFIG_NUMBER, AT(limits.connections_per_address), 8, 100000, "250",
     "8 to 100000",
     "of them, from one address, or one IPv6 /64; does not hold for http.trusted_proxies"},
    {"limits.participants", IC_CONFIG_NUMBER, AT(limits.participants), 1, 1000, "200",
     "1 to 1000",
     "people in one meeting"},
    {"limits.meetings", IC_CONFIG_NUMBER, AT(limits.meetings), 1, 100000, "1000",
     "1 to 100000",
     "meetings with people in them at one time"},
    {"log.level", IC_CONFIG_LEVEL, AT(log.level), 0, 0, "info",
     "error, warning, info, debug",
     "which lines are written to standard error"},
};
/* clang-format on */

/* What a load is working on. */
struct load {
    struct ic_config *config;
    struct ic_config_problem *problem;
    bool failed;
    int failed_line; /* where `line` was then */
    const char *file;
    FILE *stream;
    int line;
    bool in_file[IC_COUNT(keys)]; /* a key may stand in the file once */
    bool in_flags[IC_COUNT(keys)];
};

static void complain(struct load *load, const char *where, const char *what, const char *value,
                     const char *allowed)
{
    if (load->failed)
        return; /* the first problem is the one to mend first */
    load->failed = true;
    load->failed_line = load->line;
    snprintf(load->problem->text, sizeof load->problem->text, "%s: %s%s%.200s%s%s%s", where, what,
             value ? " is \"" : "", value ? value : "", value ? "\"" : "",
             allowed ? "; allowed: " : "", allowed ? allowed : "");
}

static const struct key *find_key(const char *name)
{
    for (size_t i = 0; i < IC_COUNT(keys); i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static void set(struct load *load, const char *where, const char *name, const char *value)
{
    const struct key *key = find_key(name);

    if (!key) {
        char what[300];
        snprintf(what, sizeof what, "there is no setting \"%.200s\"", name);
        complain(load, where, what, NULL, "the keys that `incamera check-config --help` lists");
        return;
    }
    void *out = (char *)load->config + key->offset;
    if (ic_config_parse(key->kind, out, value, key->min, key->max) != IC_OK)
        complain(load, where, key->name, value, key->allowed);
}

static void set_defaults(struct load *load)
{
    memset(load->config, 0, sizeof *load->config);
    for (size_t i = 0; i < IC_COUNT(keys); i++)
        set(load, "default", keys[i].name, keys[i].initial);
}

/* libinih asks for a line at a time; we count them, and refuse what it would silently cut. */
static char *next_line(char *text, int size, void *user)
{
    struct load *load = user;
    char *got = fgets(text, size, load->stream);

    if (!got)
        return NULL;
    load->line++;
    if (!strchr(text, '\n') && !feof(load->stream)) {
        char where[IC_CONFIG_TEXT_SIZE + 32];
        snprintf(where, sizeof where, "%.500s:%d", load->file, load->line);
        complain(load, where, "this line is too long", NULL, "at most 198 characters");
        return NULL;
    }
    return got;
}

static int on_ini_key(void *user, const char *section, const char *name, const char *value)
{
    struct load *load = user;
    char key_name[256], where[IC_CONFIG_TEXT_SIZE + 32];

    snprintf(where, sizeof where, "%.500s:%d", load->file, load->line);
    if (section[0] == 0) {
        snprintf(key_name, sizeof key_name, "\"%.200s\" stands in no section", name);
        complain(load, where, key_name, NULL, "[section], and then key = value");
        return 1;
    }
    snprintf(key_name, sizeof key_name, "%s.%s", section, name);
    const struct key *key = find_key(key_name);
    if (key && load->in_file[key - keys]) {
        complain(load, where, key_name, NULL, "each key once");
        return 1;
    }
    if (key)
        load->in_file[key - keys] = true;
    set(load, where, key_name, value);
    return 1;
}

static void set_from_file(struct load *load)
{
    struct stat is;

    load->stream = fopen(load->file, "re");
    if (!load->stream) {
        complain(load, load->file, strerror(errno), NULL, NULL);
        return;
    }
    if (fstat(fileno(load->stream), &is) == 0 && S_ISDIR(is.st_mode)) {
        complain(load, load->file, strerror(EISDIR), NULL, "an INI file");
        fclose(load->stream);
        return;
    }
    int bad_line = ini_parse_stream(next_line, load, on_ini_key, load);
    if (bad_line > 0 && bad_line < load->failed_line)
        load->failed = false; /* a key without its section, say: the cause comes first */
    if (bad_line != 0) {
        char where[IC_CONFIG_TEXT_SIZE + 32];
        snprintf(where, sizeof where, "%.500s:%d", load->file, bad_line);
        complain(load, where, "this line makes no sense", NULL,
                 "[section], key = value, and lines starting with ; or #");
    }
    fclose(load->stream);
}

/* INCAMERA_HTTP__PUBLIC_URL becomes http.public_url. */
static void set_from_variable(struct load *load, const char *variable)
{
    static const char prefix[] = "INCAMERA_";
    const char *equals = strchr(variable, '=');
    char name[128], where[160];
    size_t len = 0;

    if (!equals || strncmp(variable, prefix, strlen(prefix)) != 0 || !strstr(variable, "__") ||
        strstr(variable, "__") > equals)
        return;
    for (const char *c = variable + strlen(prefix); c < equals && len < sizeof name - 1; c++) {
        bool is_dot = c[0] == '_' && c[1] == '_';
        name[len++] = is_dot ? '.' : (char)tolower((unsigned char)*c);
        c += is_dot;
    }
    name[len] = 0;
    snprintf(where, sizeof where, "environment %.*s", (int)(equals - variable), variable);
    set(load, where, name, equals + 1);
}

static void set_from_flag(struct load *load, const char *flag)
{
    const char *equals = strchr(flag, '=');
    char name[128];

    if (strncmp(flag, "--", 2) != 0 || !equals) {
        char what[300];
        snprintf(what, sizeof what, "\"%.200s\" makes no sense", flag);
        complain(load, "flag", what, NULL,
                 "--section.key=value or --config=FILE, each in one word");
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - flag - 2), flag + 2);
    const struct key *key = find_key(name);
    if (key && load->in_flags[key - keys]) {
        char what[160];
        snprintf(what, sizeof what, "--%s is given twice", name);
        complain(load, "flag", what, NULL, "each flag once");
        return;
    }
    if (key)
        load->in_flags[key - keys] = true;
    set(load, "flag", name, equals + 1);
}

static void check_listen(struct load *load)
{
    const struct ic_config *c = load->config;
    bool plain = c->tls.certificate[0] == 0;

    for (uint32_t i = 0; i < c->http.listen.count; i++) {
        if (!plain || c->http.allow_plain_beyond_loopback ||
            ic_address_is_loopback(c->http.listen.at[i].address))
            continue;
        complain(load, "settings", "http.listen", c->http.listen.at[i].address,
                 "loopback addresses only, unless tls.certificate is set (browsers give no camera "
                 "to plain HTTP) or http.allow_plain_beyond_loopback = yes");
    }
}

static void check_metrics(struct load *load)
{
    const struct ic_config *c = load->config;

    for (uint32_t i = 0; i < c->metrics.listen.count; i++)
        if (!c->metrics.allow_beyond_loopback &&
            !ic_address_is_loopback(c->metrics.listen.at[i].address))
            complain(load, "settings", "metrics.listen", c->metrics.listen.at[i].address,
                     "loopback addresses only, unless metrics.allow_beyond_loopback = yes (then a "
                     "firewall should say who may read)");
}

static void check_together(struct load *load)
{
    const struct ic_config *c = load->config;

    if ((c->tls.certificate[0] != 0) != (c->tls.key[0] != 0))
        complain(load, "settings", "tls.certificate and tls.key belong together", NULL,
                 "both, or neither");
    if (c->http.trusted_proxies.count > 0 && c->http.public_url[0] == 0)
        complain(load, "settings", "http.trusted_proxies needs http.public_url", NULL,
                 "both: browsers send the address they opened, and it is the proxy's");
    if ((c->turn.urls.count > 0) != (c->turn.secret_file[0] != 0))
        complain(load, "settings", "turn.urls and turn.secret_file belong together", NULL,
                 "both, or neither");
    if (c->turn.only && c->turn.urls.count == 0)
        complain(load, "settings", "turn.only needs turn.urls", NULL, "both, or no");
    check_listen(load);
    check_metrics(load);
    if (c->store.path[0] == 0)
        complain(load, "settings", "store.path", "", "path of a file");
}

enum ic_err ic_config_load(struct ic_config *config, const char *file, char *const *environment,
                           char *const *flags, struct ic_config_problem *problem)
{
    struct load load = {.config = config, .problem = problem, .file = file};

    problem->text[0] = 0;
    set_defaults(&load);
    if (file)
        set_from_file(&load);
    for (; environment && *environment; environment++)
        set_from_variable(&load, *environment);
    for (; flags && *flags; flags++)
        set_from_flag(&load, *flags);
    if (!load.failed)
        check_together(&load);
    return load.failed ? IC_ERR_MALFORMED : IC_OK;
}

void ic_config_describe(FILE *out)
{
    for (size_t i = 0; i < IC_COUNT(keys); i++)
        fprintf(out, "| `%s` | %s%s%s | %s | %s |\n", keys[i].name, keys[i].initial[0] ? "`" : "",
                keys[i].initial[0] ? keys[i].initial : "empty", keys[i].initial[0] ? "`" : "",
                keys[i].allowed, keys[i].help);
}
