/* role.h - the roles, from the lowest to the highest. Pure, any thread. */
#ifndef CHAT_ROLE_H
#define CHAT_ROLE_H

/* ROLE_NOBODY: held by no one, so a right that asks for it is switched off. ROLE_OPERATOR: commands
 * from the control socket. */
enum role { ROLE_MEMBER, ROLE_MODERATOR, ROLE_ADMIN, ROLE_NOBODY, ROLE_OPERATOR };

#define OPERATOR_ID 0 /* the operator's identity, and the daemon's own */

const char *role_name(enum role r);  /* "member", …; static */
enum role role_of(const char *name); /* ROLE_MEMBER for NULL and for an unknown name */

#endif
