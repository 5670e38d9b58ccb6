// WeCom template cards.

import { h, link } from "./dom.js";

const STYLES = { 1: "primary", 2: "blue", 3: "danger", 4: "" };

function source(card) {
  const from = card.source;
  return from && from.desc ? h("div", { class: `from c${from.desc_color || 0}` }, from.desc) : null;
}

function title(card) {
  const main = card.main_title || {};
  return [main.title && h("h3", {}, main.title), main.desc && h("div", { class: "desc" }, main.desc)];
}

function rows(card) {
  const list = card.horizontal_content_list || [];
  const value = (row) => (row.type === 1 ? link(row.url, {}, row.value || row.url) : row.value || "");
  return list.length ? h("dl", {}, list.map((row) => [h("dt", { title: row.keyname }, row.keyname), h("dd", {}, value(row))])) : null;
}

function quote(card) {
  const area = card.quote_area;
  return area && (area.title || area.quote_text) ? h("div", { class: "quote" }, area.title && h("b", {}, area.title), area.quote_text) : null;
}

function emphasis(card) {
  const big = card.emphasis_content;
  return big ? h("div", { class: "emphasis" }, h("b", {}, big.title || ""), h("small", {}, big.desc || "")) : null;
}

function dropdown(question, done) {
  const options = (question.option_list || []).map((option) =>
    h("option", { value: option.id, selected: option.id === question.selected_id }, option.text));
  return h("label", { class: "pick" }, question.title || "请选择", h("select", { "data-question": question.question_key, disabled: done }, options));
}

function ballot(card, done) {
  const box = card.checkbox;
  if (!box) return null;
  const type = box.mode === 1 ? "checkbox" : "radio";
  const name = `${card.task_id}-${box.question_key}`;
  const option = (one) =>
    h("label", {}, h("input", { type, name, value: one.id, checked: one.is_checked, disabled: done, "data-question": box.question_key }), one.text);
  return h("div", { class: "options" }, (box.option_list || []).map(option));
}

function chosen(node) {
  const selected = {};
  for (const field of node.querySelectorAll("[data-question]")) {
    if (field.tagName === "SELECT") selected[field.dataset.question] = [field.value];
    else if (field.checked) (selected[field.dataset.question] ||= []).push(field.value);
  }
  return selected;
}

// A card that was updated shows its replacement words in place of the buttons.
function buttons(card, tap) {
  const replaced = card.replace_text;
  if (replaced) return h("div", { class: "buttons" }, h("button", { class: "act", disabled: true }, replaced));
  const list = card.button_list || (card.submit_button ? [{ ...card.submit_button, style: 1 }] : []);
  if (!list.length) return null;
  const one = (button) =>
    button.type === 1
      ? link(button.url, { class: `act ${STYLES[button.style || 1]}` }, button.text)
      : h("button", { type: "button", class: `act ${STYLES[button.style || 1]}`, "data-key": button.key, onclick: tap(button.key) }, button.text);
  return h("div", { class: "buttons" }, list.map(one));
}

export function templateCard(card, click) {
  const done = Boolean(card.replace_text);
  const node = h("article", { class: `card ${card.card_type || ""}` });
  const tap = (key) => async (event) => {
    const button = event.currentTarget;
    node.querySelectorAll("button.act").forEach((other) => (other.disabled = true));
    button.classList.add("busy");
    await click({ task_id: card.task_id, key, selected: chosen(node) });
    button.classList.remove("busy");
    node.querySelectorAll("button.act").forEach((other) => (other.disabled = done));
  };
  const vertical = (card.vertical_content_list || []).map((row) => [h("h3", {}, row.title), row.desc && h("div", { class: "desc" }, row.desc)]);
  const questions = [card.button_selection, ...(card.select_list || [])].filter(Boolean).map((question) => dropdown(question, done));
  const menu = ((card.action_menu || {}).action_list || []).map((entry) =>
    h("button", { type: "button", class: "act", onclick: tap(entry.key) }, entry.text));
  node.append(
    ...[
      h("div", { class: "in" }, source(card), title(card), emphasis(card), quote(card),
        card.sub_title_text && h("div", { class: "sub" }, card.sub_title_text), rows(card), vertical, ballot(card, done), questions),
      buttons(card, tap),
      menu.length ? h("div", { class: "buttons" }, menu) : null,
      ...(card.jump_list || []).map((jump) => link(jump.url, { class: "jump" }, jump.title)),
      card.card_action && card.card_action.url ? link(card.card_action.url, { class: "jump" }, "查看详情") : null,
    ].filter(Boolean),
  );
  return node;
}

export function newsCard(articles) {
  return h("article", { class: "card newslist" }, articles.map((one) => link(one.url, {}, one.title)));
}

export function textCard(card) {
  const words = String(card.description || "").replace(/<\/?div[^>]*>/g, "");
  return h("article", { class: "card" },
    h("div", { class: "in" }, h("h3", {}, card.title), h("div", { class: "desc" }, words)),
    link(card.url, { class: "jump" }, card.btntxt || "详情"));
}
