/* The command line, as one table: what parses a flag also explains it. */
#include "client/options.h"

#include <stdlib.h>

enum kind { FLAG, NUMBER, WORD, VIDEO };

/* clang-format off */
static const struct option {
    const char *name, *argument;
    enum kind kind;
    size_t at; /* of its member in struct ic_options */
    uint32_t min, max;
    const char *help;
} options[] = {
#define AT(member) offsetof(struct ic_options, member)
    {"start",    "ADDRESS", WORD,   AT(start), 0, 0,
     "make a meeting with this start address, print its links, and join it as host"},
    {"name",     "NAME",    WORD,   AT(name), 0, 0, "what the others see (default: headless), with a number where there are several"},
    {"passcode", "TEXT",    WORD,   AT(passcode), 0, 0,
     "the meeting's passcode: as host to set it, else to come in with it"},
    {"title",    "TEXT",    WORD,   AT(title), 0, 0,
     "as host, what a meeting is called that begins here; only who is inside learns it"},
    {"again",    NULL,      FLAG,   AT(again), 0, 0,
     "as host, the meeting was begun before: end where the server shows nothing of that"},
    {"admit",    NULL,      FLAG,   AT(admit), 0, 0, "as host, let everybody in who knocks"},
    {"admit-after", "MS",   NUMBER, AT(admit_after), 0, 600000, "so much later (default: 0)"},
    {"control",  NULL,      FLAG,   AT(control), 0, 0,
     "obey lines of standard input and tell what happens as JSON lines, for tests"},
    {"count",    "N",       NUMBER, AT(count), 1, IC_PARTICIPANTS_MAX,
     "participants a link, in this one process (default: 1)"},
    {"publishers", "P",     NUMBER, AT(publishers), 0, IC_PARTICIPANTS_MAX,
     "only the first P of a link send (default: all)"},
    {"ramp",     "N",       NUMBER, AT(ramp), 1, 10000, "joins a second (default: 20)"},
    {"seconds",  "S",       NUMBER, AT(seconds), 1, 1000000,
     "leave after S seconds (default: on SIGINT, SIGTERM or the meeting's end)"},
    {"video",    "FILE",    VIDEO,  0, 0, 0,
     "send this IVF file (VP8) as camera, again and again; once a layer, smallest first"},
    {"pattern",  "BPS",     NUMBER, AT(pattern_bps), 10000, 50000000,
     "send built-in video of BPS bits a second that carries time stamps"},
    {"audio",    "FILE",    WORD,   AT(audio), 0, 0,
     "send this Ogg/Opus file as microphone, again and again"},
    {"tone",     NULL,      FLAG,   AT(tone), 0, 0, "send built-in sound that carries time stamps"},
    {"screen",   "FILE",    WORD,   AT(screen), 0, 0,
     "send this IVF file (VP8) as shared screen, again and again"},
    {"screen-audio", "FILE", WORD,  AT(screen_audio), 0, 0,
     "send this Ogg/Opus file as the sound of the shared screen"},
    {"layers",   "N",       NUMBER, AT(layers), 1, 3,
     "simulcast encodings of the camera (default: 1, without simulcast)"},
    {"rates",    "N",       NUMBER, AT(rates), 1, 3,
     "rates of pictures in each encoding of --pattern: all, half, a quarter (default: 1)"},
    {"show",     "N",       NUMBER, AT(show), 0, IC_TILES_MAX,
     "cameras to receive (default: 9)"},
    {"height",   "PIXELS",  NUMBER, AT(height), 1, 4320,
     "height to receive them in (default: 720)"},
    {"write",    "DIRECTORY", WORD, AT(write_dir), 0, 0,
     "write what was decrypted, one IVF or Ogg file a person and stream"},
    {"send-only", NULL,     FLAG,   AT(send_only), 0, 0, "those who send receive nothing"},
    {"tcp",      NULL,      FLAG,   AT(tcp), 0, 0, "media over TCP"},
    {"sha1-srtp", NULL,     FLAG,   AT(sha1_srtp), 0, 0,
     "offer only the SRTP profile AES_CM_128_HMAC_SHA1_80"},
    {"insecure-certificate", NULL, FLAG, AT(insecure_certificate), 0, 0,
     "accept any certificate of the web server, for the self-made one of make run"},
    {"help",     NULL,      FLAG,   AT(help), 0, 0, "this text"},
#undef AT
};
/* clang-format on */

static const struct option *find(const char *name, size_t len)
{
    for (size_t i = 0; i < IC_COUNT(options); i++)
        if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0)
            return &options[i];
    return NULL;
}

static enum ic_err set_number(uint32_t *out, const struct option *o, const char *text, FILE *errors)
{
    char *end;
    unsigned long value = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < o->min || value > o->max) {
        fprintf(errors, "incamera-client: --%s takes a number from %u to %u, not \"%s\"\n", o->name,
                o->min, o->max, text);
        return IC_ERR_MALFORMED;
    }
    *out = (uint32_t)value;
    return IC_OK;
}

static enum ic_err set(struct ic_options *out, const struct option *o, const char *value,
                       FILE *errors)
{
    char *member = (char *)out + o->at;
    switch (o->kind) {
    case FLAG:
        *(bool *)(void *)member = true;
        return IC_OK;
    case NUMBER:
        return set_number((uint32_t *)(void *)member, o, value, errors);
    case WORD:
        *(const char **)(void *)member = value;
        return IC_OK;
    case VIDEO:
        if (out->video_count == IC_OPTIONS_VIDEOS_MAX) {
            fprintf(errors, "incamera-client: --video can be given %d times, once a layer\n",
                    IC_OPTIONS_VIDEOS_MAX);
            return IC_ERR_MALFORMED;
        }
        out->videos[out->video_count++] = value;
        return IC_OK;
    }
    return IC_ERR_MALFORMED;
}

/* What is wrong with the options together, or NULL. */
static const char *conflict(const struct ic_options *o)
{
    bool video = o->video_count > 0 || o->pattern_bps > 0;
    if (o->link_count == 0 && !o->start)
        return "a link is needed, or --start (see --help)";
    if (o->start && o->link_count > 0)
        return "--start makes its own link: give one or the other";
    if (o->start && o->count > 1 && !o->admit)
        return "--start with --count needs --admit: the others would wait before the door";
    if (o->admit_after > 0 && !o->admit)
        return "--admit-after needs --admit";
    if (o->video_count > 0 && o->pattern_bps > 0)
        return "--video and --pattern are two cameras: give one";
    if (o->audio && o->tone)
        return "--audio and --tone are two microphones: give one";
    if (o->layers > 1 && !video)
        return "--layers needs --video or --pattern";
    if (o->rates > 1 && o->pattern_bps == 0)
        return "--rates needs --pattern: it is not known of a file which pictures need which";
    if (o->video_count > 1 && o->video_count != o->layers)
        return "--video is given once, or once for each of --layers";
    if (o->screen_audio && !o->screen)
        return "--screen-audio needs --screen";
    if (o->send_only && !video && !o->audio && !o->tone && !o->screen)
        return "--send-only needs something to send";
    if (o->count > IC_PARTICIPANTS_MAX / (o->link_count > 0 ? o->link_count : 1))
        return "--count times the links is more participants than one process takes";
    return NULL;
}

/* `arg` starts with "--". `*i` moves on when the value is the next word. */
static enum ic_err take_flag(struct ic_options *out, int *i, int argc, char *const *argv,
                             bool given[IC_COUNT(options)], FILE *errors)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    const struct option *o = find(name, len);
    const char *value = name[len] == '=' ? name + len + 1 : NULL;

    if (!o) {
        fprintf(errors, "incamera-client: there is no option --%.*s (see --help)\n", (int)len,
                name);
        return IC_ERR_MALFORMED;
    }
    if (o->kind == FLAG && value) {
        fprintf(errors, "incamera-client: --%s takes no value\n", o->name);
        return IC_ERR_MALFORMED;
    }
    if (o->kind != FLAG && !value) {
        if (*i + 1 >= argc) {
            fprintf(errors, "incamera-client: --%s needs %s\n", o->name, o->argument);
            return IC_ERR_MALFORMED;
        }
        value = argv[++*i];
    }
    bool *is_given = &given[o - options];
    if (*is_given && o->kind != FLAG && o->kind != VIDEO) {
        fprintf(errors, "incamera-client: --%s is given twice\n", o->name);
        return IC_ERR_MALFORMED;
    }
    *is_given = true;
    return set(out, o, value, errors);
}

enum ic_err ic_options_parse(struct ic_options *out, int argc, char *const *argv, FILE *errors)
{
    struct ic_options o = {.name = "headless",
                           .count = 1,
                           .publishers = IC_PARTICIPANTS_MAX,
                           .ramp = 20,
                           .layers = 1,
                           .rates = 1,
                           .show = 9,
                           .height = 720};
    bool given[IC_COUNT(options)] = {false};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0) {
            o.help = true;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            if (take_flag(&o, &i, argc, argv, given, errors) != IC_OK)
                return IC_ERR_MALFORMED;
        } else if (o.link_count < IC_OPTIONS_LINKS_MAX) {
            o.links[o.link_count++] = argv[i];
        } else {
            fprintf(errors, "incamera-client: at most %d links\n", IC_OPTIONS_LINKS_MAX);
            return IC_ERR_MALFORMED;
        }
    }
    const char *wrong = o.help ? NULL : conflict(&o);
    if (wrong) {
        fprintf(errors, "incamera-client: %s\n", wrong);
        return IC_ERR_MALFORMED;
    }
    *out = o;
    return IC_OK;
}

static enum ic_err take_secret(const char **word, struct ic_options_secrets *secrets,
                               uint32_t *count, FILE *input, FILE *errors)
{
    if (!*word || strcmp(*word, "-") != 0)
        return IC_OK;
    if (*count == IC_OPTIONS_SECRETS_MAX) {
        fprintf(errors, "incamera-client: at most %d times \"-\"\n", IC_OPTIONS_SECRETS_MAX);
        return IC_ERR_MALFORMED;
    }
    char *line = secrets->lines[(*count)++];
    bool whole = fgets(line, IC_OPTIONS_SECRET_SIZE, input) && (strchr(line, '\n') || feof(input));
    if (!whole) {
        fputs("incamera-client: \"-\" takes a line of standard input, and there is none\n", errors);
        return IC_ERR_MALFORMED;
    }
    line[strcspn(line, "\r\n")] = 0;
    *word = line;
    return IC_OK;
}

enum ic_err ic_options_take_secrets(struct ic_options *o, struct ic_options_secrets *secrets,
                                    FILE *input, FILE *errors)
{
    uint32_t count = 0;
    enum ic_err err = IC_OK;

    for (uint32_t i = 0; err == IC_OK && i < o->link_count; i++)
        err = take_secret(&o->links[i], secrets, &count, input, errors);
    if (err == IC_OK)
        err = take_secret(&o->start, secrets, &count, input, errors);
    if (err == IC_OK)
        err = take_secret(&o->passcode, secrets, &count, input, errors);
    return err == IC_OK ? take_secret(&o->title, secrets, &count, input, errors) : err;
}

void ic_options_help(FILE *out)
{
    fputs(
        "incamera-client LINK... [options]\n"
        "incamera-client --start ADDRESS [options]\n\n"
        "Joins meetings without a browser: sends files or a built-in pattern, decrypts what the\n"
        "others send, and prints one JSON line a second and one at the end. Ends with status 0 if\n"
        "everybody could join, 1 if not, 2 if the command line is wrong.\n\n"
        "LINK, ADDRESS, passcode and title are secrets, and other people of this computer can read "
        "the\n"
        "command line: each may be \"-\", a line of standard input, in this order.\n\n",
        out);
    for (size_t i = 0; i < IC_COUNT(options); i++) {
        char flag[40];
        snprintf(flag, sizeof flag, "--%s%s%s", options[i].name, options[i].argument ? " " : "",
                 options[i].argument ? options[i].argument : "");
        fprintf(out, "  %-24s %s\n", flag, options[i].help);
    }
}
