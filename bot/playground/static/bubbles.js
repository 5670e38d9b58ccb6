// One message of a chat, in the look of its messenger.

import { h, icon, link, s } from "./dom.js";
import { markdown, plain } from "./markdown.js";
import { newsCard, templateCard, textCard } from "./wecom_cards.js";
import { actionCard, dingCard } from "./ding_cards.js";

const PLAYABLE = /\.(webm|ogg|mp3|wav|m4a|mp4)$/i;
const media = (id) => `/api/media/${encodeURIComponent(id)}`;
const text = (words) => h("div", { class: "bubble" }, plain(words));
const rich = (words) => h("div", { class: "bubble rich" }, markdown(words));

function picture(id) {
  const src = media(id);
  const open = () => {
    const dialog = document.getElementById("picture");
    dialog.replaceChildren(h("img", { src, alt: "图片原图" }));
    dialog.onclick = () => dialog.close();
    dialog.showModal();
  };
  return h("button", { type: "button", class: "pic", onclick: open, "aria-label": "看大图" }, h("img", { src, alt: "图片", loading: "lazy" }));
}

function voice(body) {
  const name = body.name || "";
  const play = PLAYABLE.test(name) ? () => new Audio(media(body.media_id)).play() : undefined;
  const words = body.seconds ? `${Math.round(body.seconds)}″` : "语音";
  const title = play ? "播放" : "AMR 录音，浏览器不能播放";
  return h("button", { type: "button", class: "bubble voice", onclick: play, disabled: !play, title }, icon("wave"), words);
}

function place(body) {
  const lines = [20, 44, 68].map((y) => s("path", { d: `M0 ${y}h226`, stroke: "#d6e0d6", "stroke-width": 5 }));
  const map = s("svg", { viewBox: "0 0 226 84", preserveAspectRatio: "xMidYMid slice" }, lines,
    s("path", { d: "M70 0v84M158 0v84", stroke: "#d6e0d6", "stroke-width": 5 }),
    s("path", { d: "M113 60s-13-13-13-23a13 13 0 0 1 26 0c0 10-13 23-13 23z", fill: "#e5484d" }), s("circle", { cx: 113, cy: 37, r: 4.5, fill: "#fff" }));
  return h("div", { class: "place" }, h("b", {}, body.label || "位置"), h("small", {}, `${body.lat.toFixed(5)}, ${body.lng.toFixed(5)}`), map);
}

function file(name) {
  const kind = (name.split(".").pop() || "").slice(0, 4).toUpperCase();
  return h("div", { class: "bubble doc" }, h("i", {}, kind), h("span", {}, name));
}

function richText(parts) {
  return h("div", { class: "bubble" }, parts.map((part) => part.text || "[图片]"));
}

const KINDS = {
  text: (body) => text(body.content),
  markdown: (body) => rich(body.content),
  image: (body) => picture(body.media_id),
  voice: (body) => voice({ name: "voice.amr", ...body }),
  file: (body) => file(body.name || "文件"),
  video: () => text("[视频]"),
  location: place,
  template_card: (body, click) => templateCard(body, click),
  textcard: textCard,
  news: (body) => newsCard(body.articles || []),
  card: (body, click) => dingCard(body, click),
  picture: (body) => picture(body.media_id),
  audio: voice,
  richText: (body) => richText(body.parts || []),
  sampleText: (body) => text(body.content),
  sampleMarkdown: (body) => rich(`${body.text}`),
  sampleImageMsg: (body) => (String(body.photoURL).startsWith("@") ? picture(body.photoURL) : h("div", { class: "bubble" }, link(body.photoURL, {}, "[图片]"))),
  sampleLink: (body) => textCard({ title: body.title, description: body.text, url: body.messageUrl }),
  sampleFile: (body) => file(body.fileName || "文件"),
  sampleAudio: (body) => voice({ media_id: body.mediaId, seconds: Number(body.duration) / 1000 }),
  "session.text": (body) => text(body.content),
  "session.markdown": (body) => rich(body.text),
};

const CARDS = new Set(["template_card", "textcard", "news", "card", "sampleLink", "session.actionCard"]);

export function messageRow(message, person, click) {
  if (message.recalled) return h("div", { class: "gone", "data-id": message.id }, message.mine ? "您撤回了一条消息" : "小访撤回了一条消息");
  const isAction = message.kind.startsWith("sampleActionCard") || message.kind === "session.actionCard";
  const draw = isAction ? actionCard : KINDS[message.kind];
  const content = draw ? draw(message.body, click) : text(`[${message.kind}]`);
  const wide = CARDS.has(message.kind) || isAction;
  const avatar = message.mine ? (person || "我").slice(-1) : h("img", { src: "/static/favicon.svg", alt: "小访" });
  return h("div", { class: `row ${message.mine ? "mine" : ""} ${wide ? "wide" : ""} ${message.progress === "sending" ? "sending" : ""}`, "data-id": message.id, "data-ref": message.ref },
    h("div", { class: "avatar", "aria-hidden": "true" }, avatar),
    h("div", { class: "say" }, content, message.progress === "failed" && h("div", { class: "fail" }, h("span", {}, `没有送达：${message.trouble}`))));
}
