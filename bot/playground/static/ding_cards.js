// DingTalk's interactive card, drawn from its string variables, and the robot's link cards.

import { h, link, parse } from "./dom.js";
import { markdown } from "./markdown.js";

const KNOWN = new Set(["title", "subtitle", "status", "tone", "fields", "note", "buttons", "ref", "revision"]);
const TONES = ["info", "success", "warning", "danger"];

function rows(params) {
  const fields = parse(params.fields || "[]", []);
  const list = Array.isArray(fields) ? fields : [];
  // Variables that the template does not know are still shown: a card must never hide what it was given.
  const other = Object.entries(params).filter(([key]) => !KNOWN.has(key) && !key.startsWith("sys_")).map(([label, value]) => ({ label, value }));
  const all = [...list, ...(list.length || params.title ? [] : other)];
  if (!all.length) return null;
  return h("dl", {}, all.map((row) => [h("dt", { title: row.label }, row.label), h("dd", {}, row.value, row.source && h("small", {}, row.source))]));
}

export function dingCard(body, click) {
  const params = body.params || {};
  const tone = TONES.includes(params.tone) ? params.tone : "info";
  const list = parse(params.buttons || "[]", []);
  const node = h("article", { class: `card ding tone-${tone}` });
  const tap = (button) => async (event) => {
    const pressed = event.currentTarget;
    node.querySelectorAll("button.act").forEach((other) => (other.disabled = true));
    pressed.classList.add("busy");
    const sent = { ref: params.ref, revision: params.revision };
    if (button.value) sent.value = button.value;
    await click({ out_track_id: body.out_track_id, action_id: button.id, params: sent });
    pressed.classList.remove("busy");
    node.querySelectorAll("button.act").forEach((other) => (other.disabled = false));
  };
  const actions = (Array.isArray(list) ? list : []).map((button) =>
    h("button", { type: "button", class: `act ${button.style || ""}`, "data-action": button.id, onclick: tap(button) }, button.text));
  node.append(
    h("div", { class: `band tone-${tone}` }),
    h("div", { class: "in" },
      h("div", { class: "head" },
        h("div", {}, h("h3", {}, params.title || "卡片"), params.subtitle && h("div", { class: "desc" }, params.subtitle)),
        params.status && h("span", { class: "pill" }, params.status)),
      rows(params),
      params.note && h("div", { class: "note" }, params.note)),
  );
  if (actions.length) node.append(h("div", { class: "buttons" }, actions));
  return node;
}

// sampleActionCard, sampleActionCard2..6 and the session's actionCard.
export function actionCard(body) {
  const links = body.singleTitle ? [[body.singleTitle, body.singleURL]] : [];
  for (let number = 1; number <= 5; number += 1) {
    const words = body[`actionTitle${number}`] || body[`buttonTitle${number}`];
    if (words) links.push([words, body[`actionURL${number}`] || body[`buttonUrl${number}`]]);
  }
  return h("article", { class: "card ding" },
    h("div", { class: "in" }, body.title && h("h3", {}, body.title), markdown(body.text || "")),
    h("div", { class: `links ${body.buttonTitle2 ? "pair" : ""}` }, links.map(([words, url]) => link(url, {}, words))));
}
