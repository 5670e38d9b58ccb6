// The right-hand panel: what each message caused.

import { h } from "./dom.js";

const GOOD = /已确认|已通过|已同意|confirmed|approved/;
const WAITING = /待|审批中|proposed|submitted/;
const BAD = /驳回|拒绝|rejected/;

const tone = (status) => (BAD.test(status) ? "danger" : GOOD.test(status) ? "success" : WAITING.test(status) ? "warning" : "quiet");
const clock = (at) => (/T\d\d:\d\d/.test(String(at)) ? String(at).slice(11, 16) : String(at ?? ""));
const words = (value) => (value === null || value === undefined || value === "" ? "（空）" : typeof value === "object" ? JSON.stringify(value) : String(value));

function record(row) {
  const fields = (row.fields || []).map((field) => h("tr", {}, h("td", {}, field.label), h("td", {}, words(field.value)), h("td", {}, field.source || "")));
  return h("div", { class: "record", "data-record": row.id },
    h("h3", {}, row.label || row.form, h("small", {}, `#${row.id}`), row.status && h("span", { class: `pill tone-${tone(row.status)}` }, row.status)),
    h("table", {}, h("tbody", {}, fields)));
}

function proof(row) {
  const code = row.sha256 ? h("code", { title: row.sha256 }, row.sha256.slice(0, 8)) : null;
  return h("div", { class: "proof" }, h("i", {}, row.kind), h("span", {}, row.words), code);
}

function change(row) {
  const moved = row.old === null || row.old === undefined || row.old === "" ? [h("ins", {}, words(row.new))] : [h("del", {}, words(row.old)), " → ", h("ins", {}, words(row.new))];
  return h("li", {}, h("time", {}, clock(row.at)), `${row.who} · ${row.field}：`, moved, row.why && h("em", {}, `（${row.why}）`));
}

function section(title, content) {
  return content.length ? h("div", { class: "minor" }, h("h4", {}, title), content) : null;
}

function effect(row) {
  const [records, evidence, audit] = [row.records || [], row.evidence || [], row.audit || []];
  const quiet = !records.length && !evidence.length && !audit.length;
  return h("article", { class: "effect", "data-message": row.message_id },
    h("header", {}, h("b", {}, row.who), h("time", {}, clock(row.at))),
    row.heard && h("p", { class: "heard" }, row.heard),
    records.map(record),
    section("依据", evidence.map(proof)),
    section("留痕", audit.length ? [h("ol", { class: "audit" }, audit.map(change))] : []),
    quiet && h("p", { class: "nothing" }, "没有写入任何记录"));
}

function start() {
  const step = (title, text) => h("li", {}, h("div", {}, h("b", {}, title), text));
  return h("div", { class: "start" }, h("h3", {}, "从左边的手机开始"),
    h("ol", {},
      step("像聊天一样说", "点输入框上方的例子，或自己写一句、录一段、拍一张、发个位置。"),
      step("看小访怎么理解", "小访把话变成记录，请业务员在卡片上确认。每个数字都能在这里看到出处。"),
      step("换主管来批", "需要审批的事会出现在中间的钉钉里，点一下卡片，两边都会更新。"),
      step("拨快时钟", "右上角把时间往前拨，看提醒和日报按时到来。")));
}

export function showTrail(box, rows, known) {
  if (!rows.length) return box.replaceChildren(start());
  const ids = new Map(rows.map((row) => [String(row.message_id), JSON.stringify(row)]));
  const kept = new Map([...box.querySelectorAll(".effect")].map((node) => [node.dataset.message, node]));
  const nodes = rows.map((row) => {
    const id = String(row.message_id);
    if (kept.has(id) && known.get(id) === ids.get(id)) return kept.get(id);
    const node = effect(row);
    if (known.size) node.classList.add("fresh");
    return node;
  });
  box.replaceChildren(...nodes);
  known.clear();
  return ids.forEach((value, key) => known.set(key, value));
}
