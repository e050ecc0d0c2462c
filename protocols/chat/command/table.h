/* table.h - all commands and their fields. */
#ifndef CHAT_TABLE_H
#define CHAT_TABLE_H

struct command;

/* NULL: there is no such command. Static. */
const struct command *command_find(const char *type);

#endif
