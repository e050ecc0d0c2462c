/* enter.js - whether a key is ours, and whether Enter sends. */

/** A key of the input method: it picks a candidate, or ends a composition. In Safari keyCode 229 alone says so. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

export const isEnter = (event) => event.key === 'Enter' && !isComposing(event) && !event.shiftKey && !event.altKey;

/** On a touch screen Enter breaks the line, and a button or Ctrl+Enter sends. */
export const isTouch = () => matchMedia('(pointer: coarse)').matches;
