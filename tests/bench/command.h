/* command.h - the commands of a member of the load generator, one client_send() each. */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

#include "client.h"

/* Says `how_many` messages in one send. */
void command_say(const struct fleet *f, struct client *c, unsigned how_many);
/* Joins its room again, which gives a fresh page. */
void command_join(const struct client *c);
void command_history(const struct client *c, uint64_t before);
/* Creates a poll with live results and three options. `closes_ms`: wall clock; 0: never. */
void command_poll(const struct fleet *f, struct client *c, bool secret, uint64_t closes_ms);
/* Votes for an option of the poll f->poll. */
void command_vote(const struct fleet *f, struct client *c);
/* To the item of the fleet. */
void command_react(const struct fleet *f, struct client *c);

#endif
