// The DingTalk calendar and to-dos of whoever holds a phone. A tick, a new day and a deletion go to the platform.

import { h } from "./dom.js";

const drawn = new WeakMap();

function todo(one, act) {
  const box = h("input", { type: "checkbox", "data-todo": one.id, onchange: () => act("tick", { id: one.id, done: box.checked }) });
  box.checked = one.done;
  return h("li", { class: one.done ? "done" : "" }, h("label", {}, box, one.title), h("small", {}, one.day));
}

function event(one, act) {
  const day = h("input", { type: "date", value: one.date.slice(0, 10), title: "改到另一天", onchange: () => day.value && act("move", { id: one.id, day: day.value }) });
  const remove = h("button", { type: "button", title: "删除这条日程", onclick: () => act("remove", { id: one.id }) }, "删除");
  return h("li", { "data-event": one.id }, h("span", {}, one.title), day, remove);
}

function list(title, rows) {
  return [h("h4", {}, title), rows.length ? h("ul", {}, rows) : h("p", {}, "还没有")];
}

// Redrawn only where something changed, so that a date that is being typed stays.
export function showAgenda(box, agenda, act) {
  const text = JSON.stringify(agenda);
  if (drawn.get(box) === text) return;
  drawn.set(box, text);
  box.hidden = !agenda.events.length && !agenda.todos.length;
  const open = agenda.todos.filter((one) => !one.done).length;
  box.replaceChildren(h("summary", {}, `钉钉日历 ${agenda.events.length} · 待办 ${open}`),
    h("div", {}, list("日历", agenda.events.map((one) => event(one, act))), list("待办", agenda.todos.map((one) => todo(one, act)))));
}
