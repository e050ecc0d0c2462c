/* silence.js - why I cannot write in a room, in words; '': I can. Pure. */

import { reaches } from './role.js';
import { day, dayKey, time } from './when.js';

export function silence({ role, post, muted }) {
  if (!reaches(role, post)) return 'Only moderators write here';
  if (!muted) return '';
  const { until, reason } = muted;
  const end = until ? `until ${moment(until)}` : 'until a moderator unmutes you';
  return `You are muted ${end}${reason ? ` · ${reason}` : ''}`;
}

const moment = (at) => (dayKey(at) === dayKey(Date.now()) ? time(at) : `${day(at)}, ${time(at)}`);
