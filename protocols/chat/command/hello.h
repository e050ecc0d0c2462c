/* hello.h - the command by which a connection takes a nick: hello. */
#ifndef COMMAND_HELLO_H
#define COMMAND_HELLO_H

#include "private.h"

enum err cmd_hello(struct session *s, const struct call *c);

#endif
