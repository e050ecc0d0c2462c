/* boot.js - the page's words until its modules run, or if they fail. A plain script: it needs no other file. */

(() => {
  const TRIES = 3;
  const start = document.querySelector('.start');
  const { tries = 1 } = history.state ?? {};

  start.textContent = 'Loading…';

  /* A user who has a name sees no form for one. */
  try {
    if (localStorage.getItem('chatd:me')) document.documentElement.classList.add('known');
  } catch {
    // this browser stores nothing
  }

  function isWaiting(words) {
    if (start.isConnected) start.textContent = words;
    return start.isConnected;
  }

  /* A module that fails to load fails for good, and so does what imports it: the page is loaded again. */
  function again() {
    if (tries >= TRIES) return isWaiting("The chat didn't load. Check your connection, then reload the page.");
    if (!isWaiting("The chat didn't load. Trying again…")) return null;
    history.replaceState({ tries: tries + 1 }, '');
    return setTimeout(() => location.reload(), 1000 * tries);
  }

  function caught({ target, message }) {
    if (target.type === 'module') again();
    else if (message) isWaiting(`The chat can't start in this browser. A newer one may help. (${message})`);
  }

  addEventListener('error', caught, true);
})();
