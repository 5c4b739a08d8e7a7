/* main.c - incamera-media: carries sealed media between the clients of its rooms.
 *
 * Started by the control process with a SOCK_SEQPACKET socket. Reads no file and no configuration;
 * everything it must know comes over that socket. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "worker/loop.h"
#include "worker/sandbox.h"
#include "worker/tap.h"

enum { EXIT_USAGE = 2, CONTROL_FD_DEFAULT = 3, PORT_MAX = 65535, FD_MAX = 1 << 20 };

struct options {
    int control_fd;
    bool version, help;
    bool allow_unconfined;
    struct ic_net_config net;
};

static bool read_number(long *out, const char *text, long most)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (end == text || *end || value < 0 || value > most)
        return false;
    *out = value;
    return true;
}

static bool add_address(struct ic_net_config *net, const char *text)
{
    return net->address_count < IC_NET_ADDRESSES_MAX &&
           ic_address_parse(&net->addresses[net->address_count++], text, 0) == IC_OK;
}

static bool read_option(struct options *o, int option, const char *value)
{
    long number = 0;

    switch (option) {
    case 'c':
        if (!read_number(&number, value, FD_MAX))
            return false;
        o->control_fd = (int)number;
        return true;
    case 'p':
        if (!read_number(&number, value, PORT_MAX))
            return false;
        o->net.port = (uint16_t)number;
        return true;
    case 'b':
        return add_address(&o->net, value);
    case 'u':
        o->allow_unconfined = true;
        return true;
    case 'v':
        o->version = true;
        return true;
    case 'h':
        o->help = true;
        return true;
    }
    return false;
}

static bool read_options(struct options *o, int argc, char **argv)
{
    static const struct option names[] = {
        {"control-fd", required_argument, NULL, 'c'},
        {"port", required_argument, NULL, 'p'},
        {"bind", required_argument, NULL, 'b'},
        {"allow-unconfined", no_argument, NULL, 'u'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
        if (!read_option(o, option, optarg))
            return false;
    return optind == argc;
}

static bool is_control_socket(int fd)
{
    int type = 0;
    socklen_t len = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

int main(int argc, char **argv)
{
    struct options o = {.control_fd = CONTROL_FD_DEFAULT};
    struct ic_worker *worker;

    bool understood = read_options(&o, argc, argv);
    if (!understood || o.help) {
        fputs("usage: incamera-media [--control-fd N] [--port P] [--bind ADDRESS]... "
              "[--allow-unconfined] [--version] [--help]\n"
              "Forwards sealed media; only `incamera serve` starts it.\n",
              understood ? stdout : stderr);
        return understood ? EXIT_SUCCESS : EXIT_USAGE;
    }
    if (o.version) {
        puts("incamera-media " IC_VERSION);
        return EXIT_SUCCESS;
    }
    if (!is_control_socket(o.control_fd)) {
        fputs("incamera-media: there is nobody to tell me what to do; `incamera serve` starts me\n",
              stderr);
        return EXIT_USAGE;
    }
    ic_tap_open();
    if (ic_worker_new(&worker, &o.net, o.control_fd) != IC_OK)
        return EXIT_FAILURE;
    enum ic_err err = ic_sandbox_enter(&(struct ic_sandbox){.control_fd = o.control_fd,
                                                            .allow_unconfined = o.allow_unconfined,
                                                            .sanitized = IC_SANITIZED});
    if (err == IC_OK)
        ic_worker_run(worker);
    ic_worker_free(worker);
    return err == IC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
