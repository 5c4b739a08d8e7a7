/* out.c - two queues of copies. */
#include "e2ee/conference/out.h"

#include <stdlib.h>

#include "crypto/secret.h"

void ic_out_init(struct ic_out_queue *queue)
{
    *queue = (struct ic_out_queue){.last = &queue->first};
}

/* A say may hold a secret-bearing blob and an event a name: no copy stays behind. */
static void free_node(struct ic_out_node *node)
{
    if (!node)
        return;
    size_t len = node->say.sealed.len + node->say.welcome.len + node->say.participants.len +
                 node->say.removed.len + node->say.info.len + node->event.text.len;
    ic_secret_wipe(node, sizeof *node + len);
    free(node);
}

void ic_out_clear(struct ic_out_queue *queue)
{
    free_node(queue->taken);
    while (queue->first) {
        struct ic_out_node *node = queue->first;
        queue->first = node->next;
        free_node(node);
    }
    ic_out_init(queue);
}

static struct ic_out_node *append(struct ic_out_queue *queue, size_t bytes)
{
    struct ic_out_node *node = calloc(1, sizeof *node + bytes);
    if (!node) {
        queue->failed = true;
        return NULL;
    }
    *queue->last = node;
    queue->last = &node->next;
    return node;
}

static struct ic_bytes keep(struct ic_writer *w, struct ic_bytes bytes)
{
    size_t start = w->len;
    ic_write_bytes(w, bytes);
    return (struct ic_bytes){w->at + start, bytes.len};
}

void ic_out_say(struct ic_out_queue *queue, const struct ic_say *say)
{
    size_t len = say->sealed.len + say->welcome.len + say->participants.len + say->removed.len +
                 say->info.len;
    struct ic_out_node *node = append(queue, len);
    if (!node)
        return;
    struct ic_writer w = ic_writer_of((uint8_t *)(node + 1), len);
    node->say = *say;
    node->say.sealed = keep(&w, say->sealed);
    node->say.welcome = keep(&w, say->welcome);
    node->say.participants = keep(&w, say->participants);
    node->say.removed = keep(&w, say->removed);
    node->say.info = keep(&w, say->info);
}

void ic_out_event(struct ic_out_queue *queue, const struct ic_conference_event *event)
{
    struct ic_out_node *node = append(queue, event->text.len);
    if (!node)
        return;
    struct ic_writer w = ic_writer_of((uint8_t *)(node + 1), event->text.len);
    node->event = *event;
    node->event.text = keep(&w, event->text);
}

const struct ic_out_node *ic_out_take(struct ic_out_queue *queue)
{
    free_node(queue->taken);
    queue->taken = queue->first;
    if (queue->first) {
        queue->first = queue->taken->next;
        if (!queue->first)
            queue->last = &queue->first;
    }
    return queue->taken;
}
