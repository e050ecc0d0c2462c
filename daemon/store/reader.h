/* reader.h - the reader's thread: answers questions one by one. */
#ifndef STORE_READER_H
#define STORE_READER_H

#include "chat/base/err.h"

struct job;
struct read_job;
struct store;

/* For struct worker_ops. */
void store_answer(void *store, struct job *batch);
/* Gives the question to the reader. ERR_UNAVAILABLE: too much is waiting; it has freed it then. */
enum err store_question_take(struct store *s, struct read_job *q);

#endif
