/* table.h - all commands and their fields. */
#ifndef CHAT_TABLE_H
#define CHAT_TABLE_H

struct command;

/* Static. NULL: there is no such command. */
const struct command *command_find(const char *type);

#endif
