/* dom.js - the few helpers that make and place elements.
 * For: views. User text goes in as text nodes only; there is no way to pass markup. */

export const $ = (selector, within = document) => within.querySelector(selector);

/** make('b.nick', { title: '…' }, 'text or nodes', …): properties, or attributes if there is no such property. */
export function make(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(properties))
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** One of the symbols of index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** button('link', onclick, 'text or nodes', …): one of that class. */
export function button(classes, onclick, ...children) {
  return make(`button.${classes}`, { type: 'button', onclick }, ...children);
}

/** A square button with an icon; its name is read aloud and shown on hover. */
export function tool(name, label, onclick) {
  return Object.assign(button('tool', onclick, icon(name)), { title: label, ariaLabel: label });
}

/** Makes `nodes` the children of `parent`; those that stay are not touched, so they keep focus and place. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let at = parent.firstChild;
  for (const node of nodes)
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
}

/** Wraps `draw` so that many calls draw once: with the next frame, or soon if the tab is hidden. */
export function soon(draw) {
  let frame = 0;
  let timer = 0;
  const run = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = 0;
    draw();
  };
  return () => {
    if (timer) return;
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, 200);
  };
}
