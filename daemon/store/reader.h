/* reader.h - the reader's thread: answers questions one by one. */
#ifndef STORE_READER_H
#define STORE_READER_H

#include "chat/base/err.h"

struct job;
struct read_job;
struct store;

/* For struct worker_ops. */
void store_answer(void *store, struct job *batch);
/* ERR_UNAVAILABLE: too much is waiting; then it has freed the question. */
enum err store_give_question_take(struct store *s, struct read_job *q);

#endif
