/* reader.h - the reader's thread: answers questions one by one. */
#ifndef STORE_READER_H
#define STORE_READER_H

struct job;

/* For struct worker_ops. */
void store_answer(void *store, struct job *batch);

#endif
