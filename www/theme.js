/* theme.js - how the page looks, as its user set it (see settings.js). A plain script that the page waits for: what is
 * drawn first has its colours. */

(() => {
  const { dataset } = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const bar = document.querySelector('meta[name=theme-color]');
  let settings = {};

  function show() {
    const { theme = dark.matches ? 'dark' : 'light', text = '15', density = 'comfortable' } = settings;
    Object.assign(dataset, { theme, text, density });
    bar.content = theme === 'dark' ? '#191a1c' : '#ffffff';
  }

  function read() {
    try {
      settings = JSON.parse(localStorage.getItem('chatd:settings')) ?? {};
    } catch {
      // this browser stores nothing
    }
    show();
  }

  read();
  dark.addEventListener('change', show);
  addEventListener('storage', read);
  addEventListener('settings', ({ detail }) => {
    settings = detail;
    show();
  });
})();
