/* origins.c - ours are the configured address and each one that we listen on by number; for
 * loopback also the name that browsers know. Comparing an Origin with the request's own Host
 * instead would let in a foreign name that resolves to us. */
#include "server/origins.h"

static void add(struct ic_origins *out, const char *scheme, const char *host, uint16_t port)
{
    bool usual = port == (strcmp(scheme, "https") == 0 ? 443 : 80);
    char *origin = out->at[out->count];

    if (usual)
        snprintf(origin, IC_ORIGIN_SIZE, "%s://%s", scheme, host);
    else
        snprintf(origin, IC_ORIGIN_SIZE, "%s://%s:%u", scheme, host, port);
    if (!ic_origins_contain(out, origin))
        out->count++;
}

void ic_origins_of(struct ic_origins *out, const struct ic_config *config, uint16_t chosen_port)
{
    const char *scheme = config->tls.certificate[0] ? "https" : "http";
    char host[IC_ADDRESS_TEXT_SIZE + 2];

    out->count = 0;
    if (config->http.public_url[0])
        strcpy(out->at[out->count++], config->http.public_url);
    for (uint32_t i = 0; i < config->http.listen.count; i++) {
        const struct ic_endpoint *at = &config->http.listen.at[i];
        uint16_t port = at->port ? at->port : chosen_port;
        bool is_ipv6 = strchr(at->address, ':') != NULL;
        if (ic_address_is_loopback(at->address))
            add(out, scheme, "localhost", port);
        snprintf(host, sizeof host, is_ipv6 ? "[%s]" : "%s", at->address);
        add(out, scheme, host, port);
    }
}

bool ic_origins_contain(const struct ic_origins *origins, const char *origin)
{
    for (uint32_t i = 0; i < origins->count; i++)
        if (strcmp(origins->at[i], origin) == 0)
            return true;
    return false;
}
