// The report page's own script: filters, origins of numbers, and the explorable
// panel. Everything it shows is in the page; it asks for nothing from anywhere.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const COLUMNS = ["table", "dataset", "method", "setting", "quantity", "published",
  "published_std", "reproduced", "spread", "verdict", "note", "target", "recorded"];
const rows = data.rows.map(values => {
  const row = Object.fromEntries(COLUMNS.map((c, i) => [c, values[i]]));
  row.note = data.texts[row.note];
  row.target = data.texts[row.target];
  row.key = [row.table, row.dataset, row.method, row.setting, row.quantity]
    .filter(Boolean).join("/") + (row.recorded ? "/recorded" : "");
  return row;
});

// An element with text, attributes and children; SVG's have their own namespace.
const SVG = "http://www.w3.org/2000/svg";
function make(name, attributes = {}, ...children) {
  const element = name.startsWith("svg:")
    ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) element.setAttribute(k, v);
  element.append(...children);
  return element;
}
const show = x => x === null || x === undefined ? "none"
  : x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6)
    ? x.toExponential(4) : String(Number(x.toPrecision(6)));

// Plot data: {columns, curves: Map of label -> points}, read when first asked for.
const read = new Map();
function csv(name) {
  if (!read.has(name)) {
    const block = document.getElementById("csv-" + name);
    const lines = block ? block.textContent.trim().split("\n")
      .filter(line => !line.startsWith("#")) : [];
    const names = (lines.shift() || "").split(",");
    read.set(name, lines.map(line => {
      const fields = line.split(",");
      return Object.fromEntries(names.map((n, i) => [n,
        fields[i] !== "" && !isNaN(fields[i]) ? Number(fields[i]) : fields[i]]));
    }));
  }
  return read.get(name);
}
const families = {};
for (const figure of data.figures) {
  const match = /^(.+)_(suboptimality|rates)$/.exec(figure.name);
  if (match) (families[match[1]] = families[match[1]] || {})[match[2]] = figure.csv;
}
function style(method) {
  const [colour, dash] = data.methods[method] || data.methods.other;
  return { paint: `var(--c${colour.slice(1).toLowerCase()})`, dash };
}

// ---- State: what the hash has ------------------------------------------------
// Lists are what is NOT chosen, so that a plain address shows everything.
const state = {};
function load() {
  for (const k of Object.keys(state)) delete state[k];
  const hash = decodeURIComponent(location.hash.slice(1));
  if (!hash.includes("=")) return hash;
  for (const part of hash.split("&")) {
    const at = part.indexOf("=");
    state[part.slice(0, at)] = part.slice(at + 1);
  }
  return null;
}
function save() {
  const text = Object.keys(state).filter(k => state[k]).sort()
    .map(k => k + "=" + state[k]).join("&");
  history.replaceState(null, "", text ? "#" + encodeURI(text)
    : location.pathname + location.search);
}
const list = k => (state[k] || "").split(",").filter(Boolean);

function boxes(form) {
  return $$("fieldset[data-group]", form).flatMap(set =>
    $$("input[type=checkbox]", set).map(box => [set.dataset.group, box]));
}
function readBoxes(form) {
  const off = {};
  for (const [group, box] of boxes(form)) {
    off[group] = off[group] || [];
    if (!box.checked) off[group].push(box.value);
  }
  for (const [group, values] of Object.entries(off)) state[group] = values.join(",");
}
function writeBoxes(form) {
  for (const [group, box] of boxes(form)) box.checked = !list(group).includes(box.value);
}

// ---- Filters -------------------------------------------------------------------
const filters = $("#filters");
function filter() {
  const off = { verdict: list("verdict"), dataset: list("dataset"), method: list("method") };
  let cells = 0, all = 0;
  for (const line of $$("table.numbers tbody tr")) {
    let any = false;
    for (const button of $$("button[data-row]", line)) {
      const row = rows[button.dataset.row];
      const on = !off.verdict.includes(row.verdict) &&
        !off.dataset.includes(row.dataset) && !off.method.includes(row.method);
      button.parentNode.classList.toggle("dim", !on);
      any = any || on;
      cells += on;
      ++all;
    }
    line.hidden = !any;
  }
  $("#shown").textContent = cells === all ? `All ${all} cells are shown.`
    : `${cells} of ${all} cells are shown.`;
}
filters.addEventListener("change", () => { readBoxes(filters); save(); filter(); });
filters.addEventListener("reset", event => {
  event.preventDefault();
  for (const [, box] of boxes(filters)) box.checked = true;
  readBoxes(filters); save(); filter();
});

// ---- Origins -------------------------------------------------------------------
const dialog = $("#origin");
let opener = null;
function pairs(items) {
  const dl = make("dl");
  for (const [k, v] of items) dl.append(make("dt", {}, k), make("dd", {}, String(v)));
  return dl;
}
function open(index) {
  const row = rows[index];
  const origin = data.origins[row.target] || {};
  const name = row.target.replace(/^.*:/, "");
  const part = (title, ...content) => dialog.append(make("h3", {}, title), ...content);
  dialog.replaceChildren();
  const close = make("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.append(close, make("h2", { id: "origin-title" },
    [row.dataset, row.method, row.setting.replace("batch_size=", "M = "),
      row.quantity.replaceAll("_", " ")].filter(Boolean).join(", ")));
  const plus = (x, y) => show(x) + (y === null ? "" : " ± " + show(y));
  dialog.append(pairs([
    ["reproduced", row.recorded ? plus(row.reproduced, row.spread) + " (recorded)"
      : plus(row.reproduced, row.spread)],
    ["published", plus(row.published, row.published_std)],
    ["verdict", row.verdict.replaceAll("_", " ").toLowerCase()],
    ...(row.note ? [["scale", row.note]] : []),
    ["target", row.target],
    ["rerun it", "./bazelw build " + row.target],
    ...(origin.spec ? [["show its runs", "./bazelw run //experiments:show -- " + name]] : []),
  ]));
  if (origin.selected) part("Selected", pairs([["grid point", origin.selected]]));
  if (origin.seeds) {
    part("Seeds", pairs(origin.seeds.map(([seed, value]) =>
      ["seed " + seed, `${origin.seed_unit} = ${show(value)}`])));
  }
  if (origin.outcomes) part("Runs", pairs(origin.outcomes));
  const chart = originChart(origin);
  if (chart) part("Curve", chart);
  if (origin.data !== undefined) part("Data", pairs(data.shared[origin.data]));
  if (origin.readings !== undefined) part("Readings", pairs(data.shared[origin.readings]));
  if (origin.facts) part("Result", pairs(origin.facts));
  const others = rows.filter(r => r.target === row.target && r.key !== row.key);
  if (others.length) {
    part("Other numbers of the same target", pairs(others.map(r =>
      [[r.table, r.setting, r.quantity.replaceAll("_", " ")].filter(Boolean).join(", "),
        plus(r.reproduced, r.spread)])));
  }
  if (origin.spec) {
    const details = make("details", {}, make("summary", {}, "Spec"),
      make("pre", { tabindex: 0 }, origin.spec));
    dialog.append(details);
  }
  state.number = row.key;
  save();
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}
dialog.addEventListener("close", () => {
  delete state.number;
  save();
  if (opener) opener.focus();
});
dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
document.addEventListener("click", event => {
  const button = event.target.closest("button[data-row]");
  if (button) { opener = button; open(Number(button.dataset.row)); }
  const link = event.target.closest("a[data-csv]");
  if (link) {
    event.preventDefault();
    const text = document.getElementById("csv-" + link.dataset.csv).textContent;
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    make("a", { href: url, download: link.getAttribute("download") }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
});
function originChart(origin) {
  if (origin.series) {
    const { x, y, points } = origin.series;
    return chart("Curve of the selected run", [{ name: y, method: "other",
      points: points.map(p => ({ x: p[0], y: p[1] })) }], { x, y });
  }
  const family = origin.curve && families[origin.curve.family];
  if (!family || !family.suboptimality) return null;
  const points = csv(family.suboptimality).filter(p =>
    p.method === origin.curve.method && p.batch_size === origin.curve.batch_size)
    .map(p => ({ x: p.epoch, y: p.median, low: p.low, high: p.high }));
  return points.length ? chart("Curve of the selected runs", [{ name: origin.curve.method,
    method: origin.curve.method, points }],
    { x: "epoch", y: "f(w) − f(w*)", xlog: true, ylog: true }) : null;
}

// ---- Charts ----------------------------------------------------------------------
const WIDTH = 500, HEIGHT = 310, LEFT = 62, RIGHT = 12, TOP = 10, BOTTOM = 42;
function scale(values, log, from, to) {
  let low = Math.min(...values), high = Math.max(...values);
  if (log) { low = Math.log10(low); high = Math.log10(high); }
  if (!(high > low)) { low -= 0.5; high += 0.5; }
  const pad = 0.03 * (high - low);
  low -= pad; high += pad;
  const at = v => from + (to - from) * ((log ? Math.log10(v) : v) - low) / (high - low);
  const ticks = [];
  if (log) {
    const fine = high - low < 1.3 ? [1, 2, 3, 5] : high - low < 2.2 ? [1, 3] : [1];
    const every = Math.max(1, Math.ceil((high - low) / 6));
    for (let e = Math.floor(low); e <= high; ++e) {
      if (e % every) continue;
      for (const m of fine) {
        const v = m * 10 ** e;
        if (Math.log10(v) >= low && Math.log10(v) <= high) ticks.push(v);
      }
    }
  } else {
    const rough = (high - low) / 5, unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * [1, 2, 5, 10].find(s => s * unit >= rough);
    for (let v = Math.ceil(low / step) * step; v <= high; v += step) {
      ticks.push(Math.abs(v) < step / 1e6 ? 0 : v);
    }
  }
  return { at, ticks };
}
const tick = v => v !== 0 && (Math.abs(v) < 0.01 || Math.abs(v) >= 1e5)
  ? v.toExponential(0).replace("e+", "e") : String(Number(v.toPrecision(4)));

// curves: [{name, method, points: [{x, y, low, high}]}]. A picture that can be
// hovered and, focused, walked with the arrow keys; what is read goes to `say`.
function chart(title, curves, axes, say = null) {
  const points = curves.flatMap(c => c.points);
  const x = scale(points.map(p => p.x), axes.xlog, LEFT, WIDTH - RIGHT);
  const y = scale(points.flatMap(p => [p.low || p.y, p.high || p.y]), axes.ylog,
    HEIGHT - BOTTOM, TOP);
  const svg = make("svg:svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart",
    role: "img", tabindex: 0, "aria-label":
      `${title}: ${curves.length} curves of ${axes.y} against ${axes.x}; arrow keys read values` });
  for (const v of x.ticks) {
    svg.append(make("svg:path", { class: "grid", d: `M${x.at(v)},${TOP}V${HEIGHT - BOTTOM}` }),
      make("svg:text", { x: x.at(v), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, tick(v)));
  }
  for (const v of y.ticks) {
    svg.append(make("svg:path", { class: "grid", d: `M${LEFT},${y.at(v)}H${WIDTH - RIGHT}` }),
      make("svg:text", { x: LEFT - 6, y: y.at(v) + 4, "text-anchor": "end" }, tick(v)));
  }
  svg.append(make("svg:path", { class: "axis",
    d: `M${LEFT},${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` }),
    make("svg:text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, axes.x),
    make("svg:text", { x: 12, y: (TOP + HEIGHT - BOTTOM) / 2, "text-anchor": "middle",
      transform: `rotate(-90 12 ${(TOP + HEIGHT - BOTTOM) / 2})` }, axes.y));
  const line = (of, key) => of.map((p, i) =>
    (i ? "L" : "M") + x.at(p.x).toFixed(1) + "," + y.at(p[key]).toFixed(1)).join("");
  for (const curve of curves) {
    const { paint, dash } = style(curve.method);
    if (curve.points[0].low) {
      svg.append(make("svg:path", { class: "band", fill: paint,
        d: line(curve.points, "high") + line([...curve.points].reverse(), "low")
          .replace("M", "L") + "Z" }));
    }
    const attributes = { class: "line", stroke: paint, d: line(curve.points, "y") };
    if (dash) attributes["stroke-dasharray"] = dash;
    if (curve.width) attributes["stroke-width"] = curve.width;
    svg.append(make("svg:path", attributes));
    if (curve.points.length < 8) {
      for (const p of curve.points) {
        svg.append(make("svg:circle", { cx: x.at(p.x), cy: y.at(p.y), r: 3, fill: paint }));
      }
    }
  }
  const dot = make("svg:circle", { class: "dot", r: 5, visibility: "hidden" });
  const label = make("svg:text", { visibility: "hidden" });
  svg.append(dot, label);
  let at = [0, 0];
  const mark = (c, i) => {
    at = [c, i];
    const curve = curves[c], p = curve.points[i];
    dot.setAttribute("cx", x.at(p.x)); dot.setAttribute("cy", y.at(p.y));
    dot.setAttribute("fill", style(curve.method).paint);
    dot.setAttribute("visibility", "visible");
    const right = x.at(p.x) < WIDTH / 2;
    label.setAttribute("x", x.at(p.x) + (right ? 9 : -9));
    label.setAttribute("y", Math.max(TOP + 12, y.at(p.y) - 9));
    label.setAttribute("text-anchor", right ? "start" : "end");
    label.setAttribute("visibility", "visible");
    label.textContent = `${curve.name}: ${show(p.y)}`;
    const range = p.low ? ` (${show(p.low)} to ${show(p.high)})` : "";
    if (say) say(`${title}, ${curve.name}: ${axes.y} = ${show(p.y)}${range} at ${axes.x} ${show(p.x)}`);
  };
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect();
    const px = (event.clientX - box.left) * WIDTH / box.width;
    const py = (event.clientY - box.top) * HEIGHT / box.height;
    let best = null, least = Infinity;
    curves.forEach((curve, c) => curve.points.forEach((p, i) => {
      const d = (x.at(p.x) - px) ** 2 + (y.at(p.y) - py) ** 2;
      if (d < least) { least = d; best = [c, i]; }
    }));
    if (best) mark(...best);
  });
  svg.addEventListener("focus", () => mark(...at));
  svg.addEventListener("keydown", event => {
    let [c, i] = at;
    if (event.key === "ArrowRight") ++i;
    else if (event.key === "ArrowLeft") --i;
    else if (event.key === "ArrowUp") --c;
    else if (event.key === "ArrowDown") ++c;
    else if (event.key === "Home") i = 0;
    else if (event.key === "End") i = Infinity;
    else return;
    event.preventDefault();
    c = (c + curves.length) % curves.length;
    mark(c, Math.max(0, Math.min(curves[c].points.length - 1, i)));
  });
  return svg;
}

// ---- Explorable panel --------------------------------------------------------------
const explorer = $("#explorer"), charts = $("#charts");
const AXES = { epoch: "epoch", evaluations: "gradients of single samples",
  steps: "steps", learning_rate: "initial learning rate" };
const DEFAULTS = { xs: "epoch", xmethods: "", xsizes: "", xdata: "", xx: "log", xy: "log" };
function distinct(key) {
  const seen = [];
  for (const family of Object.values(families)) {
    for (const p of csv(family.suboptimality)) if (!seen.includes(p[key])) seen.push(p[key]);
  }
  return seen;
}
function fieldset(group, legend, values, words = v => v) {
  return make("fieldset", { "data-group": group }, make("legend", {}, legend),
    ...values.map(v => make("label", {},
      make("input", { type: "checkbox", value: v, checked: "" }), " " + words(v))));
}
// How a method is drawn, beside its name.
function swatch(method) {
  const { paint, dash } = style(method);
  return make("svg:svg", { class: "swatch", viewBox: "0 0 30 10", "aria-hidden": "true" },
    make("svg:path", { d: "M0,5H30", stroke: paint, ...(dash ? { "stroke-dasharray": dash } : {}) }));
}
function choice(name, legend, options) {
  return make("label", {}, legend + " ", make("select", { name },
    ...Object.entries(options).map(([v, t]) => make("option", { value: v }, t))));
}
function buildExplorer() {
  const names = Object.keys(families);
  const sizes = distinct("batch_size").sort((a, b) => a - b);
  explorer.append(fieldset("xdata", "data sets", names),
    fieldset("xmethods", "methods", distinct("method")),
    fieldset("xsizes", "batch sizes", sizes, v => "M = " + v),
    make("p", {}, choice("xs", "against", AXES),
      choice("xx", "horizontal axis", { log: "logarithmic", linear: "linear" }),
      choice("xy", "vertical axis", { log: "logarithmic", linear: "linear" }),
      make("button", { type: "reset" }, "Reset")));
  for (const label of $$("fieldset[data-group=xmethods] label", explorer)) {
    label.append(" ", swatch($("input", label).value));
  }
  // One batch size is readable; all are a click away.
  DEFAULTS.xsizes = sizes.filter(v => v !== (sizes.includes(64) ? 64 : sizes[0])).join(",");
}
const chosen = k => k in state ? state[k] : DEFAULTS[k];
function writeExplorer() {
  for (const [group, box] of boxes(explorer)) {
    box.checked = !chosen(group).split(",").includes(box.value);
  }
  for (const select of $$("select", explorer)) select.value = chosen(select.name);
}
function readExplorer() {
  readBoxes(explorer);
  for (const select of $$("select", explorer)) state[select.name] = select.value;
  for (const k of Object.keys(DEFAULTS)) {
    if (state[k] === DEFAULTS[k]) delete state[k];
    else if (state[k] === "") state[k] = "-";  // everything, where that is no default
  }
}
function draw() {
  const by = chosen("xs");
  const off = k => chosen(k).split(",");
  charts.replaceChildren();
  for (const [name, family] of Object.entries(families)) {
    if (off("xdata").includes(name)) continue;
    const curves = new Map();
    const source = by === "learning_rate" ? family.rates : family.suboptimality;
    for (const p of source ? csv(source) : []) {
      if (off("xmethods").includes(p.method) || off("xsizes").includes(String(p.batch_size))) continue;
      const label = `${p.method}, M = ${p.batch_size}`;
      if (!curves.has(label)) {
        curves.set(label, { name: label, method: p.method, points: [],
          width: (1.1 + 0.25 * Math.log2(p.batch_size) / 2).toFixed(2) });
      }
      curves.get(label).points.push({ x: p[by], y: p.median, low: p.low, high: p.high });
    }
    const shown = [...curves.values()];
    if (shown.length > 8) for (const c of shown) for (const p of c.points) delete p.low;
    charts.append(make("div", {}, make("h3", {}, name), shown.length
      ? chart(name, shown, { x: AXES[by], y: "f(w) − f(w*)", xlog: chosen("xx") === "log",
        ylog: chosen("xy") === "log" }, text => { $("#value").textContent = text; })
      : make("p", { class: "quiet" }, "Nothing is chosen.")));
  }
}
explorer.addEventListener("change", () => { readExplorer(); save(); draw(); });
explorer.addEventListener("reset", event => {
  event.preventDefault();
  for (const k of Object.keys(DEFAULTS)) delete state[k];
  save(); writeExplorer(); draw();
});

// ---- Start -------------------------------------------------------------------------
function apply() {
  const anchor = load();
  writeBoxes(filters);
  filter();
  writeExplorer();
  draw();
  if (state.number) {
    const index = rows.findIndex(row => row.key === state.number);
    if (index >= 0) open(index);
  } else if (dialog.open) {
    dialog.close();
  }
  if (anchor) {
    const target = document.getElementById(anchor);
    if (target && target.tagName === "DETAILS") target.open = true;
  }
}
buildExplorer();
apply();
window.addEventListener("hashchange", apply);
window.addEventListener("beforeprint", () => {
  for (const details of $$("details.figure")) details.open = true;
});
document.documentElement.dataset.ready = "yes";
})();
