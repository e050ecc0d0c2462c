/* page_source.c - see page_source.h. */
#include "page_source.h"

#include "log.h"
#include "vhost.h"
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>

#define WAITING_MAX 2 /* the one under way may miss what has changed since; one more does not */
#define PAUSE_MS    3600000

struct page_source {
    struct uv_loop_s *loop;
    struct vhost_host *host;
    const char *www;
    struct worker *worker; /* NULL: nobody has asked again */
};

struct reading {
    struct job job; /* first: the worker's */
    struct page_source *source;
    struct page *page;
    char fault[PAGE_FAULT_BYTES];
};

struct page_source *page_source_create(struct uv_loop_s *loop, struct vhost_host *host,
                                       const char *www)
{
    struct page_source *s = malloc(sizeof *s);
    if (s != NULL)
        *s = (struct page_source){.loop = loop, .host = host, .www = www};
    return s;
}

/* `or_else` says what a fault leaves. */
static int show(struct reading *r, const char *or_else)
{
    const struct page_source *s = r->source;
    if (r->page == NULL || vhost_host_show_take(s->host, r->page, r->fault) != 0) {
        log_error("page www=%s: %s%s", s->www, r->fault, or_else);
        return -1;
    }
    log_info("page www=%s version=%s", s->www, vhost_host_page_version(s->host));
    return 0;
}

int page_source_read(struct page_source *s)
{
    struct reading r = {.source = s};
    r.page = page_load(s->www, r.fault);
    return show(&r, "");
}

/* --- again ---------------------------------------------------------------------------------- */

static void work(void *arg, struct job *batch)
{
    (void)arg;
    for (struct job *job = batch; job != NULL; job = job->next) {
        struct reading *r = (struct reading *)job;
        r->page = page_load(r->source->www, r->fault);
    }
}

static void on_done(struct job *job)
{
    struct reading *r = (struct reading *)job;
    show(r, "; the page from before stays");
    free(r);
}

static struct worker *worker_of(struct page_source *s)
{
    static const struct worker_ops ops = {.work = work, .batch_max = 1, .pause_ms = PAUSE_MS};
    if (s->worker == NULL)
        s->worker = worker_create(s->loop, "chatd-page", &ops);
    return s->worker;
}

void page_source_read_again(struct page_source *s)
{
    struct worker *w = worker_of(s);
    struct reading *r = w == NULL ? NULL : calloc(1, sizeof *r);
    if (r == NULL) {
        log_error("page www=%s: no memory; the page from before stays", s->www);
        return;
    }
    *r = (struct reading){.job.done = on_done, .source = s};
    if (worker_waiting(w) < WAITING_MAX)
        worker_give(w, &r->job);
    else
        free(r);
}

void page_source_destroy(struct page_source **s)
{
    if (*s == NULL)
        return;
    worker_destroy(&(*s)->worker);
    free(*s);
    *s = NULL;
}
