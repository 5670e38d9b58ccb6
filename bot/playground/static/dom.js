// Elements are built node by node: text from outside is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(4).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
export const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

// Only web addresses become links; everything else a sender writes into an href is dropped.
export function link(href, attributes, ...children) {
  const safe = /^https?:\/\//i.test(String(href || ""));
  const target = safe ? { href, target: "_blank", rel: "noopener noreferrer" } : {};
  return h(safe ? "a" : "span", { ...attributes, ...target }, ...children);
}

export function parse(text, otherwise) {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

const PATHS = {
  mic: "M12 4a3 3 0 0 0-3 3v4a3 3 0 0 0 6 0V7a3 3 0 0 0-3-3zM6.5 11a5.5 5.5 0 0 0 11 0M12 16.5V20",
  plus: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8.5v7M8.5 12h7",
  stop: "M8 8h8v8H8z",
  image: "M4.5 6h15v12h-15zM4.5 15l4-4 4 4 2.5-2 4.5 4M15.5 9.7h.01",
  place: "M12 20s6-5.3 6-10a6 6 0 0 0-12 0c0 4.7 6 10 6 10zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  file: "M7 4h7l4 4v12H7zM14 4v4h4",
  wave: "M5 12h.01M8.5 9.5a4 4 0 0 1 0 5M12 7a7.5 7.5 0 0 1 0 10M15.5 4.5a11 11 0 0 1 0 15",
};

export function icon(name) {
  const stroke = { fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linecap": "round", "stroke-linejoin": "round" };
  return s("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, s("path", { d: PATHS[name], ...stroke }));
}

export function toast(words) {
  const box = document.getElementById("toast");
  box.textContent = words;
  box.classList.add("on");
  clearTimeout(box.timer);
  box.timer = setTimeout(() => box.classList.remove("on"), 6000);
}

// `quiet`: where the trouble is shown beside the message itself.
export async function post(path, body, quiet = false) {
  const form = body instanceof FormData;
  const headers = form ? {} : { "content-type": "application/json" };
  try {
    const answer = await fetch(path, { method: "POST", headers, body: form ? body : JSON.stringify(body || {}) });
    const told = await answer.json();
    if (told.trouble && !(quiet && answer.ok)) toast(told.trouble);
    return told;
  } catch {
    toast("演示页面没有连上它的服务，请确认命令行里的演示还在运行");
    return { ok: false };
  }
}
