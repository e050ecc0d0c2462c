/* table.h - finds a command among those of all files. */
#ifndef CHAT_TABLE_H
#define CHAT_TABLE_H

struct command;
struct field;

/* Static. NULL: there is no such command. */
const struct command *command_find(const char *type);

/* The rule for the field `name` of the command `type`, which must have it. Static. */
const struct field *command_field(const char *type, const char *name);

#endif
