// A plan of the demo customers in metres; no map tiles. Coordinates are GCJ-02 degrees.

import { h, s } from "./dom.js";

const WIDTH = 640;
const HEIGHT = 420;
const METRES_PER_DEGREE = 111_320;
const NEAR_METRES = 40;
const STEPS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000];

function project(customers) {
  const middle = (key) => (customers.length ? (Math.min(...customers.map((c) => c[key])) + Math.max(...customers.map((c) => c[key]))) / 2 : { lat: 39.9219, lng: 116.4436 }[key]);
  const origin = { lat: middle("lat"), lng: middle("lng") };
  const shrink = Math.cos((origin.lat * Math.PI) / 180);
  return {
    metres: (point) => ({ x: (point.lng - origin.lng) * METRES_PER_DEGREE * shrink, y: (origin.lat - point.lat) * METRES_PER_DEGREE }),
    degrees: ({ x, y }) => ({ lat: origin.lat - y / METRES_PER_DEGREE, lng: origin.lng + x / (METRES_PER_DEGREE * shrink) }),
  };
}

function distanceWords(metres) {
  return metres >= 1000 ? `${metres / 1000} 公里` : `${metres} 米`;
}

// A place for a name beside its dot that covers no dot and no other name; null where there is none.
function freeSpot(x, y, wide, taken) {
  const tries = [{ x: x + 12, y: y - 8 }, { x: x - 12 - wide, y: y - 8 }, { x: x - wide / 2, y: y - 27 }, { x: x - wide / 2, y: y + 11 },
    { x: x + 8, y: y - 25 }, { x: x + 8, y: y + 9 }, { x: x - 8 - wide, y: y - 25 }, { x: x - 8 - wide, y: y + 9 }];
  const crosses = (a, b) => a.x < b.x + b.wide && b.x < a.x + a.wide && a.y < b.y + b.high && b.y < a.y + a.high;
  const inside = (box) => box.x > 4 && box.x + box.wide < WIDTH - 4 && box.y > 4 && box.y + 16 < HEIGHT - 4;
  const boxes = tries.map((spot) => ({ ...spot, wide, high: 16 }));
  const free = boxes.find((box) => inside(box) && !taken.some((other) => crosses(box, other)));
  if (free) taken.push(free);
  return free || null;
}

export function openMap(customers, share) {
  const dialog = document.getElementById("map");
  const at = project(customers);
  const shops = customers.map((one) => ({ ...one, ...at.metres(one) }));
  const reach = Math.max(250, ...shops.map((one) => Math.max(Math.abs(one.x) * 2.3, (Math.abs(one.y) * 2.3 * WIDTH) / HEIGHT)));
  const view = { x: 0, y: 0, wide: reach };
  let picked = null;

  const plan = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "客户位置图，点一下选择位置" });
  const label = h("input", { placeholder: "点图上的客户，或任意一点", "aria-label": "位置名称", maxlength: 80 });
  const words = h("small", {});
  const go = h("button", { type: "button", class: "share", disabled: true }, "发送位置");
  const toPixel = ({ x, y }) => ({ x: ((x - view.x) / view.wide) * WIDTH + WIDTH / 2, y: ((y - view.y) / view.wide) * WIDTH + HEIGHT / 2 });
  const toMetres = ({ x, y }) => ({ x: ((x - WIDTH / 2) / WIDTH) * view.wide + view.x, y: ((y - HEIGHT / 2) / WIDTH) * view.wide + view.y });

  function grid() {
    const step = STEPS.find((one) => (one / view.wide) * WIDTH >= 56) || STEPS.at(-1);
    const lines = [];
    const [from, to] = [toMetres({ x: 0, y: 0 }), toMetres({ x: WIDTH, y: HEIGHT })];
    for (let x = Math.ceil(from.x / step) * step; x < to.x; x += step) lines.push(s("path", { class: "grid", d: `M${toPixel({ x, y: 0 }).x} 0V${HEIGHT}` }));
    for (let y = Math.ceil(from.y / step) * step; y < to.y; y += step) lines.push(s("path", { class: "grid", d: `M0 ${toPixel({ x: 0, y }).y}H${WIDTH}` }));
    const long = (step / view.wide) * WIDTH;
    return [lines, s("path", { class: "scale", d: `M16 ${HEIGHT - 22}v6h${long}v-6` }), s("text", { class: "scale-words", x: 20, y: HEIGHT - 26 }, distanceWords(step))];
  }

  function shopMark(shop, taken) {
    const { x, y } = toPixel(shop);
    if (x < -20 || y < -20 || x > WIDTH + 20 || y > HEIGHT + 20) return null;
    const spot = freeSpot(x, y, [...shop.name].length * 12.5, taken);
    return s("g", { class: "shop", "data-name": shop.name, onclick: (event) => { event.stopPropagation(); choose(shop, shop.name); } },
      s("circle", { cx: x, cy: y, r: 7.5 }), spot && s("text", { x: spot.x, y: spot.y + 12 }, shop.name), s("title", {}, shop.name));
  }

  function draw() {
    const pin = picked && toPixel(picked);
    const taken = shops.map(toPixel).map(({ x, y }) => ({ x: x - 8, y: y - 8, wide: 16, high: 16 }));
    const mark = pin && s("path", { class: "pin", d: `M${pin.x} ${pin.y}s-11-12-11-20a11 11 0 0 1 22 0c0 8-11 20-11 20z` });
    plan.replaceChildren(...[grid(), shops.map((shop) => shopMark(shop, taken)), mark].flat(4).filter(Boolean));
  }

  function choose(point, name) {
    picked = { x: point.x, y: point.y };
    const near = shops.map((shop) => [Math.hypot(shop.x - point.x, shop.y - point.y), shop]).sort((a, b) => a[0] - b[0])[0];
    label.value = name || (near && near[0] <= NEAR_METRES ? near[1].name : near ? `${near[1].name}附近` : "所选位置");
    const place = at.degrees(picked);
    words.textContent = `${place.lat.toFixed(5)}, ${place.lng.toFixed(5)}${near ? ` · 距${near[1].name} ${Math.round(near[0])} 米` : ""}`;
    go.disabled = false;
    draw();
  }

  function goTo(shop) {
    [view.x, view.y] = [shop.x, shop.y];
    choose(shop, shop.name);
  }

  function zoom(factor) {
    view.wide = Math.min(Math.max(view.wide * factor, 150), 200_000);
    if (picked) [view.x, view.y] = [picked.x, picked.y];
    draw();
  }

  plan.addEventListener("click", (event) => {
    const box = plan.getBoundingClientRect();
    choose(toMetres({ x: ((event.clientX - box.left) / box.width) * WIDTH, y: ((event.clientY - box.top) / box.height) * HEIGHT }));
  });
  plan.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY > 0 ? 1.25 : 0.8); }, { passive: false });
  go.addEventListener("click", () => {
    dialog.close();
    share({ ...at.degrees(picked), label: label.value.trim() });
  });

  dialog.replaceChildren(h("div", { class: "mapbox" },
    h("header", {}, h("div", {}, h("b", {}, "发送位置"), h("small", {}, "蓝点是客户，按真实比例画出；不用联网地图")),
      h("button", { type: "button", class: "close", "aria-label": "关闭", onclick: () => dialog.close() }, "×")),
    h("div", { class: "plan" }, plan, h("div", { class: "zoom" },
      h("button", { type: "button", "aria-label": "放大", onclick: () => zoom(0.6) }, "+"), h("button", { type: "button", "aria-label": "缩小", onclick: () => zoom(1.6) }, "−"))),
    h("div", { class: "shops" }, shops.map((shop) => h("button", { type: "button", onclick: () => goTo(shop) }, shop.name))),
    h("footer", {}, h("div", { class: "grow" }, label, words), go)));
  draw();
  dialog.showModal();
}
