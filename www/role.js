/* role.js - roles and their order. Pure. */

const RANK = { member: 0, moderator: 1, admin: 2 };

export const isRole = (word) => Object.hasOwn(RANK, word);

export const isModerator = (role) => RANK[role] >= RANK.moderator;

/** Whether `role` ranks above `other`. The role of an absent user is unknown: the server decides. */
export const isAbove = (role, other = 'member') => RANK[role] > RANK[other];

/** Whether `role` is enough where `least` is asked for; no user has one that the page does not know. */
export const reaches = (role = 'member', least = 'member') => RANK[role] >= (RANK[least] ?? Infinity);
