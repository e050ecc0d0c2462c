/* all.mjs - all tests in one process, and so in one browser. */

import './room.test.mjs';
import './posting.test.mjs';
import './login.test.mjs';
import './chat.test.mjs';
import './log.test.mjs';
import './text.test.mjs';
import './restart.test.mjs';
import './link.test.mjs';
import './held.test.mjs';
import './storage.test.mjs';
import './keyboard.test.mjs';
import './narrow.test.mjs';
import './back.test.mjs';
import './browse.test.mjs';
import './poll.test.mjs';
import './photo.test.mjs';
import './photo-keys.test.mjs';
import './reaction.test.mjs';
import './moderation.test.mjs';
import './silence.test.mjs';
import './fault.test.mjs';
import './focus.test.mjs';
import './removal.test.mjs';
import './hostile.test.mjs';
import './older.test.mjs';
import './look.test.mjs';
