/* look.c - see look.h. */
#include "look.h"

#include "private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

struct look {
    struct shelf *shelf;
    uv_work_t work;
    char name[PHOTO_NAME_CHARS + 1];
    enum shelf_fault fault;
    shelf_done *done;
    void *arg;
};

static void run(uv_work_t *work)
{
    struct look *l = work->data;
    l->fault = faccessat(l->shelf->folder, l->name, F_OK, 0) == 0 ? SHELF_FINE : SHELF_NO_SUCH;
}

static void on_worked(uv_work_t *work, int status)
{
    struct look *l = work->data;
    (void)status;
    l->done(l->arg, l->fault);
    free(l);
}

bool look_for(struct shelf *s, const char *name, shelf_done *done, void *arg)
{
    struct look *l = malloc(sizeof *l);
    if (l == NULL)
        return false;
    *l = (struct look){.shelf = s, .done = done, .arg = arg};
    strcpy(l->name, name);
    l->work.data = l;
    uv_queue_work(s->loop, &l->work, run, on_worked);
    return true;
}
