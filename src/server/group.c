/* group.c - what belongs to one group, and its end. */
#include "server/group.h"

void ic_group_clear(struct ic_group *group)
{
    ic_group_over(group);
    ic_waiting_clear(&group->waiting);
    ic_text_unref(group->card);
    group->card = NULL;
}

void ic_group_over(struct ic_group *group)
{
    ic_delivery_clear(&group->log);
    ic_group_set_info_take(group, NULL);
    group->open = false;
}

void ic_group_set_info_take(struct ic_group *group, struct ic_text *info)
{
    ic_text_unref(group->info);
    group->info = info;
}

void ic_group_set_card(struct ic_group *group, const char *sealed)
{
    ic_text_unref(group->card);
    group->card = ic_text_new("", sealed, "");
}
