// The page: polls the state, draws what changed, and turns what the visitor does into requests.

import { h, icon, parse, post, toast } from "./dom.js";
import { messageRow } from "./bubbles.js";
import { showAgenda } from "./agenda.js";
import { openMap } from "./map.js";
import { showTrail } from "./panel.js";
import { Recorder } from "./voice.js";

const POLL_MS = 700;
const QUIET_GAP_MS = 5 * 60 * 1000;
const setup = parse(document.getElementById("setup").textContent, { people: [], customers: [], samples: [] });
const trail = document.querySelector(".trail");
const knownTrail = new Map();
let seen = "";
let lost = false;

class Seat {
  constructor(node) {
    this.node = node;
    this.side = node.dataset.side;
    this.key = `${this.side}_userid`;
    this.people = setup.people.filter((person) => person[this.key]);
    this.who = (this.people.find((person) => person[this.key] === localStorage.getItem(this.key)) || this.people[0] || {})[this.key] || "";
    this.drawn = new Map();
    this.chat = node.querySelector(".chat");
    this.composer();
    this.chips();
    this.drawPeople({});
  }

  find(selector) {
    return this.node.querySelector(selector);
  }

  person() {
    return this.people.find((one) => one[this.key] === this.who);
  }

  calendar() {
    return this.person()?.calendar_userid || "";
  }

  act(what, body) {
    const sent = post(`/api/${this.side}/${encodeURIComponent(this.who)}/${what}`, body, what !== "click");
    setTimeout(poll, 60);
    return sent.finally(poll);
  }

  choose(person) {
    this.who = person[this.key];
    localStorage.setItem(this.key, this.who);
    this.drawn.clear();
    this.chat.replaceChildren();
    seen = "";
    poll();
  }

  drawPeople(unread) {
    const tabs = this.people.map((person) => {
      const count = unread[person[this.key]] || 0;
      const selected = person[this.key] === this.who;
      return h("button", { type: "button", class: "person", role: "tab", "aria-selected": String(selected), "data-user": person[this.key], onclick: () => this.choose(person) },
        h("i", {}, person.name.slice(-1)), person.name, h("small", {}, person.role), count && !selected ? h("b", { title: `${count} 条未读` }, count) : null);
    });
    this.find(".people").replaceChildren(...tabs);
    const person = this.person();
    this.find(".who").textContent = "小访";
    this.find("textarea").placeholder = person ? `以${person.name}的身份写给小访` : "";
  }

  chips() {
    const wanted = setup.samples.filter((sample) => sample.side === this.side || sample.side === "both");
    const name = { image: "image", voice: "mic", file: "file", place: "place" };
    const send = (sample) => () => (sample.kind === "place" ? this.place() : sample.file ? this.act("sample", { file: sample.file }) : this.act("text", { text: sample.text }));
    this.find(".chips").replaceChildren(...wanted.map((sample) =>
      h("button", { type: "button", class: "chip", title: sample.text || sample.file, onclick: send(sample) }, name[sample.kind] ? icon(name[sample.kind]) : null, sample.label)));
  }

  composer() {
    const [text, send, more, mic, tray] = ["textarea", ".send", ".more", ".mic", ".tray"].map((one) => this.find(one));
    const fit = () => {
      text.style.height = "auto";
      text.style.height = `${Math.min(text.scrollHeight + 2, 108)}px`;
      send.hidden = !text.value.trim();
      more.hidden = !send.hidden;
    };
    const submit = () => {
      const words = text.value.trim();
      if (!words) return;
      text.value = "";
      fit();
      this.act("text", { text: words });
    };
    text.addEventListener("input", fit);
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    });
    this.find("form").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
    more.append(icon("plus"));
    more.addEventListener("click", () => (tray.hidden = !tray.hidden));
    this.recording(mic);
    this.tray(tray);
    this.dropping();
  }

  recording(mic) {
    const finish = async () => this.upload("voice", await recorder.stop());
    const recorder = new Recorder((state) => {
      if (state === "limit") finish();
      mic.classList.toggle("on", state === "recording");
      mic.replaceChildren(icon(state === "recording" ? "stop" : "mic"));
    });
    mic.append(icon("mic"));
    mic.addEventListener("click", () => (recorder.running ? finish() : recorder.start()));
  }

  tray(tray) {
    const entry = (name, words, act) => h("button", { type: "button", "data-entry": words, onclick: () => { tray.hidden = true; act(); } }, h("span", {}, icon(name)), words);
    const pick = (what, accept) => () => {
      const input = h("input", { type: "file", accept });
      input.addEventListener("change", () => input.files[0] && this.upload(what, input.files[0]));
      input.click();
    };
    const place = entry("place", "位置", () => this.place());
    tray.append(...[entry("image", "图片", pick("image", "image/*")), this.side === "wecom" ? place : null,
      entry("mic", "语音文件", pick("voice", ".amr,.speex,audio/*")), entry("file", "文件", pick("file", ""))].filter(Boolean));
  }

  place() {
    openMap(setup.customers, (spot) => this.act("location", spot));
  }

  dropping() {
    const phone = this.find(".phone");
    const over = (on) => (event) => { event.preventDefault(); phone.classList.toggle("drop", on); };
    phone.addEventListener("dragover", over(true));
    phone.addEventListener("dragleave", over(false));
    phone.addEventListener("drop", (event) => {
      over(false)(event);
      const file = event.dataTransfer.files[0];
      if (!file) return;
      const kind = file.type.startsWith("image/") ? "image" : file.type.startsWith("audio/") || file.name.endsWith(".amr") ? "voice" : "file";
      this.upload(kind, file);
    });
  }

  upload(what, file) {
    const form = new FormData();
    form.append("file", file, file.name);
    return this.act(what, form);
  }

  show(view) {
    this.drawPeople(view.unread);
    this.line(view);
    showAgenda(this.find(".agenda"), view.agenda, (what, body) => post(`/api/dingtalk/${encodeURIComponent(this.calendar())}/${what}`, body).finally(poll));
    if (view.unread[this.who] && document.visibilityState === "visible") post(`/api/${this.side}/${encodeURIComponent(this.who)}/read`);
    const atEnd = this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < 60;
    if (!view.messages.length) this.welcome();
    else this.draw(view.messages);
    if (atEnd) this.chat.scrollTop = this.chat.scrollHeight;
  }

  welcome() {
    const person = this.person();
    const words = this.side === "wecom" ? "点下面的例子，或写一句今天的拜访" : "审批卡片会出现在这里，也可以直接提问";
    this.chat.replaceChildren(h("div", { class: "welcome" }, h("img", { src: "/static/favicon.svg", alt: "" }), h("b", {}, person ? `${person.name}，您好` : "您好"), words));
  }

  draw(messages) {
    this.chat.querySelector(".welcome")?.remove();
    let previous = 0;
    for (const message of messages) {
      const text = JSON.stringify([message.body, message.progress, message.trouble, message.recalled]);
      const known = this.drawn.get(message.id);
      const at = Date.parse(message.at);
      if (!known) {
        if (at - previous > QUIET_GAP_MS) this.chat.append(h("div", { class: "day" }, message.time));
        this.chat.append(this.row(message));
        this.chat.scrollTop = this.chat.scrollHeight;
      } else if (known !== text) this.chat.querySelector(`[data-id="${message.id}"]`).replaceWith(this.row(message));
      this.drawn.set(message.id, text);
      previous = at;
    }
  }

  row(message) {
    return messageRow(message, this.person()?.name, (body) => this.act("click", body));
  }

  line(view) {
    const line = this.find(".line");
    const offline = this.side === "dingtalk" && view.mode === "stream" && !view.streams;
    const trouble = offline ? "小访没有连上钉钉" : view.line.ok ? "" : view.line.trouble;
    const idle = this.side === "wecom" ? "自建应用" : view.mode === "stream" ? "机器人 · Stream 已连接" : "机器人";
    line.textContent = trouble || (view.line.tried ? "在线" : idle);
    line.classList.toggle("idle", !trouble && !view.line.tried && !view.streams);
    line.classList.toggle("bad", Boolean(trouble));
  }
}

const seats = [...document.querySelectorAll(".seat")].map((node) => new Seat(node));
let waiting = null;
let again = false;

async function poll() {
  if (waiting) {
    again = true;
    return;
  }
  clearTimeout(poll.timer);
  waiting = true;
  try {
    const query = new URLSearchParams({ seen, ...Object.fromEntries(seats.flatMap((seat) => [[seat.side, seat.who], [`${seat.side}_calendar`, seat.calendar()]])) });
    const state = await (await fetch(`/api/state?${query}`)).json();
    document.getElementById("now").textContent = state.now_words;
    if (state.trail) {
      seats.forEach((seat) => seat.show(state[seat.side]));
      showTrail(trail, state.trail, knownTrail);
    }
    seen = state.version;
    lost = false;
  } catch {
    if (!lost) toast("演示页面没有连上它的服务，请确认命令行里的演示还在运行");
    lost = true;
  }
  waiting = null;
  poll.timer = setTimeout(poll, again ? 0 : POLL_MS);
  again = false;
}

for (const button of document.querySelectorAll(".clock button")) {
  const body = button.dataset.until ? { until: button.dataset.until } : { minutes: Number(button.dataset.minutes) };
  button.addEventListener("click", () => post("/api/clock", body).then(poll));
}
poll();
