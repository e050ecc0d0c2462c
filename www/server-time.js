/* server-time.js - the server's clock: a browser's may be hours off, and polls end by the server's. */

let ahead = 0; // ms

export const setServerTime = (now) => (ahead = now - Date.now());

export const serverNow = () => Date.now() + ahead;
