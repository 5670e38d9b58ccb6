// The subset of markdown that the two messengers share, and WeCom's <font color> and <a href>.

import { h, link } from "./dom.js";

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|!\[([^\]]*)\]\(([^)\s]+)\)|\[([^\]]+)\]\(([^)\s]+)\)|<font color="?(\w+)"?>(.*?)<\/font>|<a href="?([^">]+)"?>(.*?)<\/a>/;

export function inline(text) {
  const parts = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    parts.push(rest.slice(0, found.index));
    const [whole, bold, code, , image, words, href, color, coloured, anchor, anchorWords] = found;
    if (bold !== undefined) parts.push(h("strong", {}, inline(bold)));
    else if (code !== undefined) parts.push(h("code", {}, code));
    else if (image !== undefined) parts.push(link(image, {}, "[图片]"));
    else if (href !== undefined) parts.push(link(href, {}, words));
    else if (color !== undefined) parts.push(h("span", { class: ["info", "comment", "warning"].includes(color) ? color : "" }, inline(coloured)));
    else parts.push(link(anchor, {}, anchorWords));
    rest = rest.slice(found.index + whole.length);
  }
  parts.push(rest);
  return parts.filter((part) => part !== "");
}

// WeCom text messages know line breaks and <a href> only.
export function plain(text) {
  const parts = [];
  let rest = String(text ?? "");
  for (let found = /<a href="?([^">]+)"?>(.*?)<\/a>/.exec(rest); found; found = /<a href="?([^">]+)"?>(.*?)<\/a>/.exec(rest)) {
    parts.push(rest.slice(0, found.index), link(found[1], {}, found[2]));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...parts, rest];
}

export function markdown(text) {
  const blocks = [];
  let list = null;
  for (const raw of String(text ?? "").split("\n")) {
    const line = raw.trim();
    const item = /^([-*]|\d+\.)\s+(.*)/.exec(line);
    if (!item) list = null;
    if (!line) continue;
    const heading = /^#{1,6}\s+(.*)/.exec(line);
    const quote = /^>\s?(.*)/.exec(line);
    if (heading) blocks.push(h("h3", {}, inline(heading[1])));
    else if (quote) blocks.push(h("blockquote", {}, inline(quote[1])));
    else if (/^(---+|\*\*\*+)$/.test(line)) blocks.push(h("hr"));
    else if (item) {
      if (!list) blocks.push((list = h(item[1].endsWith(".") ? "ol" : "ul")));
      list.append(h("li", {}, inline(item[2])));
    } else blocks.push(h("p", {}, inline(line)));
  }
  return h("div", { class: "md" }, blocks);
}
