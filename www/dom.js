/* dom.js - makes and places elements. Text becomes text nodes; there is no way to pass markup. */

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

/* Firefox has these properties since 119. */
for (const name of ['Label', 'Hidden', 'Expanded', 'Invalid', 'Current', 'Pressed', 'Disabled'])
  if (!(`aria${name}` in Element.prototype))
    Object.defineProperty(Element.prototype, `aria${name}`, {
      set(value) {
        if (value === null) this.removeAttribute(`aria-${name}`);
        else this.setAttribute(`aria-${name}`, value);
      },
      get() {
        return this.getAttribute(`aria-${name}`);
      },
    });

const SVG = 'http://www.w3.org/2000/svg';

/** A symbol of index.html or of a feature. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Makes an icon from the data of a path in a square of 24. */
export function addIcon(name, path) {
  const symbol = document.createElementNS(SVG, 'symbol');
  const drawn = document.createElementNS(SVG, 'path');
  symbol.id = `i-${name}`;
  symbol.setAttribute('viewBox', '0 0 24 24');
  drawn.setAttribute('d', path);
  symbol.append(drawn);
  $('.symbols').append(symbol);
}

/** button('link', onclick, 'text or nodes', …): a button of that class. */
export function button(classes, onclick, ...children) {
  return make(`button.${classes}`, { type: 'button', onclick }, ...children);
}

/** A square button with an icon and a label for hover and screen readers. */
export function tool(name, label, onclick) {
  return Object.assign(button('tool', onclick, icon(name)), { title: label, ariaLabel: label });
}

/** A dialog with a title, not open yet. */
export function dialog(name, title, ...children) {
  const heading = make('h1', { id: `${name}-title` }, title);
  const element = make(`dialog.${name}`, { 'aria-labelledby': heading.id }, heading, ...children);
  document.body.append(element);
  return element;
}

/** Makes `nodes` the children of `parent`. Nodes that stay are not moved, so they keep focus and place. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let at = parent.firstChild;
  for (const node of nodes)
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
}

/** Wraps `draw` so that many calls draw once: in the next frame, or after 200 ms in a hidden tab. */
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
