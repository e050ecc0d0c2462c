/* role.h - what a person may do, from nothing special up. Pure, any thread. */
#ifndef CHAT_ROLE_H
#define CHAT_ROLE_H

/* ROLE_NOBODY: a right that no person has. The operator speaks through the control socket. */
enum role { ROLE_MEMBER, ROLE_MODERATOR, ROLE_ADMIN, ROLE_NOBODY, ROLE_OPERATOR };
#define OPERATOR_ID 0 /* the daemon's own identity */

const char *role_name(enum role r);  /* "member", … */
enum role role_of(const char *name); /* ROLE_MEMBER for NULL and for an unknown name */

#endif
