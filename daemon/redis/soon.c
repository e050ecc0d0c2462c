/* soon.c - see soon.h. */
#include "soon.h"

#include "private.h"

#define SOON_MS 20

void soon_later(struct journal *j)
{
    if (!j->ending && !uv_is_active((uv_handle_t *)&j->soon))
        uv_timer_start(&j->soon, j->on_soon, SOON_MS, 0);
}

void soon_now(struct journal *j)
{
    if (!j->ending)
        uv_timer_start(&j->soon, j->on_soon, 0, 0);
}
