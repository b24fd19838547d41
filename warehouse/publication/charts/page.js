// Draws a chart into an element as wide as the element is, again whenever its width changes.
// drawChart(element, spec, config, since) -> Promise of the Vega view; config is theme(dark) of
// warehouse.publication.charts; since ("2024/11/27" or "") leaves out what was before.
// chartDays(spec) -> [first, last] of the rows behind an axis of time that can be zoomed, or null.
// A spec holds panel widths in pixels for a figure of 760; axes and margins around the panels keep their size.
// Nothing here makes code of text (Vega's expressions are interpreted) nor style elements: the page's policy forbids both.
const FIGURE = 760;
const LINE = 15; // pixels of a line of small text
const NARROW = 520; // below it panels are under each other, and titles of axes get lines
const NARROWEST = 240; // a chart that is given less scrolls inside its element

const SHARES = { minExtent: 0.4, titleX: 0.4, labelLimit: 0.48 }; // of a narrow chart that names of rows may take

const room = (element) => Math.max(element.clientWidth, NARROWEST);

function wrapped(text, wide) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length * 6 > wide && lines.at(-1)) lines.push(word); // a letter is about 6 pixels wide
    else lines[lines.length - 1] = line;
  }
  return lines.length > 1 ? lines : text;
}
// Lines that titles above axes have beyond their first.
function linesOver(node) {
  if (node === null || typeof node !== "object") return 0;
  const title = node.y?.axis?.title;
  return Array.isArray(title) ? title.length - 1
    : Math.max(0, ...Object.entries(node).map(([key, value]) => (key === "data" ? 0 : linesOver(value))));
}

// Panels of one row are put under each other, each as wide as all were, and each with the names of its rows.
function stackedUp(spec) {
  const { hconcat, facet, ...rest } = spec;
  if (facet?.column) return { ...rest, facet: facet.column, columns: 1, spec: { ...spec.spec, width: FIGURE } };
  if (!hconcat) return spec;
  const named = (node, extent) => JSON.parse(JSON.stringify(node), (key, value) =>
    key === "axis" && value?.labels === false ? { ...value, labels: true, minExtent: extent } : value);
  const extent = Math.max(...JSON.stringify(hconcat).match(/(?<="minExtent":)\d+/g).map(Number));
  return { ...rest, vconcat: hconcat.map((panel) => ({ ...named(panel, extent), width: FIGURE - extent })) };
}

// Rows of the CSV text in a spec. Vega's own reader would make a function of the header.
function rowsOf(text) {
  const lines = [[]];
  let cell = "";
  const ended = () => { lines.at(-1).push(cell); cell = ""; };
  for (const [, quoted, plain, mark] of text.trimEnd().matchAll(/"((?:[^"]|"")*)"|([^",\n]+)|(,|\n)/g)) {
    if (mark) ended();
    else cell += quoted?.replaceAll('""', '"') ?? plain;
    if (mark === "\n") lines.push([]);
  }
  ended();
  const [names, ...rows] = lines;
  return rows.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place] ?? ""])));
}
const isCsv = (data) => data?.format?.type === "csv" && typeof data.values === "string";
const readable = (data) => (isCsv(data)
  ? { ...data, values: rowsOf(data.values), format: { ...data.format, type: "json" } } : data);
const datesOf = (data) => Object.keys(data.format.parse ?? {}).filter((name) => data.format.parse[name] === "date");

// Calls `visit(key, value, node)` for everything in a spec but the rows of its data.
function walk(node, visit) {
  if (node === null || typeof node !== "object") return;
  for (const [key, value] of Object.entries(node)) {
    visit(key, value, node);
    if (key !== "data") walk(value, visit);
  }
}

function daysOf(spec) {
  const [day] = (spec.params ?? []).map((param) => param.select?.fields?.[0]).filter(Boolean);
  const canZoom = (spec.params ?? []).some((param) => param.name === "zoom");
  let span = null;
  if (!canZoom || !day) return null;
  walk(spec, (key, value) => {
    if (key !== "data" || span || !isCsv(value) || !datesOf(value).includes(day)) return;
    const found = rowsOf(value.values).map((row) => row[day]).filter(Boolean).sort();
    if (found.length) span = [found[0], found.at(-1)];
  });
  return span;
}

// The spec without rows before a day. A stretch of days that reaches over it begins there.
function cutAt(spec, since) {
  const copy = JSON.parse(JSON.stringify(spec));
  const ends = new Set(), [year, month, date] = since.split("/").map(Number);
  walk(copy, (key, value) => { if (key === "x2" && value.field) ends.add(value.field); });
  walk(copy, (key, value, node) => {
    if (key === "x" && value.scale?.domain?.[0]?.year) value.scale.domain[0] = { year, month, date };
    if (key !== "data" || !isCsv(value)) return;
    const names = datesOf(value), isStretch = names.some((name) => ends.has(name));
    const rows = readable(value);
    if (!names.length) return;
    rows.values = rows.values.filter((row) => names.some((name) => row[name] >= since));
    if (isStretch) for (const row of rows.values) for (const name of names) if (row[name] < since) row[name] = since;
    node.data = rows;
  });
  return withoutEmpty(copy);
}
// Layers whose rows are all cut off leave: Vega complains of a scale without values.
function withoutEmpty(node) {
  const copy = { ...node };
  for (const key of ["vconcat", "hconcat", "layer"]) if (node[key]) copy[key] = node[key].map(withoutEmpty);
  copy.layer &&= copy.layer.filter((one) => (one.layer ?? one.data?.values ?? [0]).length);
  return copy;
}

// Names of rows that are longer than their room are broken into lines, and rows get the height of them.
function withWholeNames(spec) {
  let most = 1, rows = 0;
  walk(spec, (key, value) => {
    if (key !== "y" || !Array.isArray(value.sort) || !value.axis?.labelLimit) return;
    const lines = Object.fromEntries(value.sort.map((name) => [name, wrapped(name, value.axis.labelLimit)]));
    rows = value.sort.length;
    most = Math.max(most, ...Object.values(lines).map((text) => (Array.isArray(text) ? text.length : 1)));
    Object.assign(value.axis, { labelExpr: `${JSON.stringify(lines)}[datum.label]`, labelLimit: 0, labelLineHeight: 13 });
  });
  if (most > 1) spec.height = rows * (13 * most + 6);
  return spec;
}

// A tooltip as a table; what has no value on that day gets the dash that the page uses for nothing.
const NOTHING = new Set(["", "null", "undefined", "NaN", "Invalid Date"]);
function tip(value, sanitize) {
  if (typeof value !== "object") return sanitize(value);
  const cells = ([name, text]) =>
    `<tr><td class="key">${sanitize(name)}</td><td class="value">${NOTHING.has(`${text}`) ? "–" : sanitize(text)}</td></tr>`;
  return `<table>${Object.entries(value).map(cells).join("")}</table>`;
}

// Labels of shaded stretches that have no room on a narrow chart leave; a letter takes 5.6 pixels.
function withRoom(spec, span, wide) {
  const [from, to] = span.map((day) => Date.parse(day));
  walk(spec, (key, value, node) => {
    if (key !== "mark" || value.style !== "shade-label") return;
    let free = -Infinity;
    node.data.values = node.data.values.filter((row) => {
      const start = ((Date.parse(row.from_date) - from) / (to - from)) * wide;
      if (start < free) return false;
      free = start + 5.6 * row.label.length;
      return true;
    });
  });
  return spec;
}

// Panels get `factor` of their width; on narrow screens legends get fewer columns, row labels less room, axes of time
// fewer ticks, figures smaller letters, and titles more lines.
function fitted(node, factor, wide, columns) {
  if (Array.isArray(node)) return node.map((item) => fitted(item, factor, wide, columns));
  if (node === null || typeof node !== "object") return node;
  const copy = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "data") copy[key] = readable(value);
    else if (key === "width" && value >= 60) copy[key] = Math.max(40, Math.round(value * factor));
    else if (key in SHARES && Math.abs(value) > 100)
      copy[key] = Math.sign(value) * Math.min(Math.abs(value), Math.round(wide * (Math.abs(value) > 400 ? 0.6 : SHARES[key])));
    else if (key === "width" && node.type === "bar") copy[key] = Math.max(2, Math.round(value * factor));
    else if (key === "mark" && value.style === "value" && wide < NARROW) copy[key] = { ...value, fontSize: 10 };
    else if (key === "tickCount") copy[key] = Math.max(3, Math.min(value, Math.round((value * wide) / FIGURE)));
    else if (key === "title" && typeof value === "string" && (wide < NARROW || value.length * 6 > wide - 40)) copy[key] = wrapped(value, wide * 0.8);
    else if (key === "title" && typeof value?.text === "string" && wide < NARROW) copy[key] = { ...value, text: wrapped(value.text, wide * 0.45) };
    else if (key === "x" && typeof value.axis?.title === "string" && wide < NARROW)
      copy[key] = fitted({ ...value, axis: { ...value.axis, title: wrapped(value.axis.title, wide * 0.5) } }, factor, wide, columns);
    else copy[key] = fitted(value, factor, wide, columns);
    if (key === "y" && Array.isArray(copy.y.axis?.title)) copy.y.axis.titleY = -10 - LINE * linesOver(copy);
    if (key === "legend" && value) copy[key].columns = Math.min(value.columns || 9, columns);
  }
  // Lines of a title above an axis need room above the panel.
  if (copy.vconcat && copy.spacing) copy.spacing += LINE * linesOver(copy.vconcat.slice(1));
  return copy;
}

async function drawAt(element, spec, config, factor, columns) {
  if (element.vegaView) element.vegaView.finalize();
  const wide = room(element);
  const shown = withWholeNames(fitted(wide < NARROW ? stackedUp(spec) : spec, factor, wide, columns));
  const span = wide < NARROW && daysOf(spec);
  if (span) withRoom(shown, span, FIGURE * factor);
  const withLegend = (shown.vconcat ?? [shown]).filter((panel) => JSON.stringify(panel, (key, value) => (key === "data" ? 0 : value)).includes('"legend":{'));
  const limited = {
    ...config,
    legend: { ...config.legend, labelLimit: wide - 100, offset: config.legend.offset + LINE * Math.max(0, ...withLegend.map(linesOver)) },
    title: { ...config.title, limit: wide - 60 },
  };
  if (wide < NARROW) Object.assign(limited.legend, { columns, labelFontSize: 11 }); // where a spec has none
  for (const axis of ["axisX", "axisYQuantitative"]) limited[axis] = { ...config[axis], titleLimit: wide - 40 };
  const result = await vegaEmbed(element, shown, {
    config: limited,
    renderer: "canvas",
    ast: true,
    actions: false,
    defaultStyle: false,
    tooltip: { theme: "custom", disableDefaultStyle: true, formatTooltip: tip },
  });
  element.vegaView = await result.view.resize().runAsync();
  const drawn = element.querySelector("canvas, svg");
  return drawn ? drawn.getBoundingClientRect().width : wide;
}

// The space around the panels is known only after drawing, so further tries come nearer. Where a
// legend is what is too wide, it gets fewer columns.
async function fit(element, spec, config) {
  element.chartState.width = element.clientWidth;
  const wanted = element.clientWidth && room(element);
  for (let columns = Math.max(1, Math.floor(wanted / 240)); wanted && columns >= 1; columns -= 1) {
    let factor = (wanted - 90) / FIGURE;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const spare = wanted - (await drawAt(element, spec, config, Math.max(0.1, factor), columns));
      if (spare >= 0 && spare <= 16) return;
      if (spare >= 0 && attempt === 4) return;
      factor += (spare - 4) / FIGURE;
    }
  }
}

window.vegaEmbed = vegaEmbed;
window.chartDays = daysOf;
window.drawChart = async function drawChart(element, spec, config, since = "") {
  const shown = since ? cutAt(spec, since) : spec;
  element.chartState = { spec: shown, config };
  await fit(element, shown, config);
  if (!element.chartObserver) {
    const again = lodashDebounce(() => {
      if (Math.abs(element.clientWidth - element.chartState.width) < 2) return;
      fit(element, element.chartState.spec, element.chartState.config);
    }, 150);
    element.chartObserver = new ResizeObserver(again);
    element.chartObserver.observe(element);
  }
  return element.vegaView;
};
