// Draws a chart into an element as wide as the element is, again whenever its width changes.
// drawChart(element, spec, config) -> Promise of the Vega view; config is theme(dark) of warehouse.charts.
// A spec holds panel widths in pixels for a figure of 760; axes and margins around the panels keep their size.
const FIGURE = 760;
// On a phone lines still fit; cells that hold figures or verdicts do not, so such a chart scrolls inside its element.
const NARROWEST = { lines: 300, cells: 560 };

function hasCells(node) {
  if (node === null || typeof node !== "object") return false;
  if (node.mark && node.mark.type === "rect" && node.mark.style !== "shade") return true;
  return Object.entries(node).some(([key, value]) => key !== "data" && hasCells(value));
}
const room = (element, spec) => Math.max(element.clientWidth, hasCells(spec) ? NARROWEST.cells : NARROWEST.lines);

// Panels get `factor` of their width; on narrow screens legends get fewer columns and row labels less room.
function fitted(node, factor, wide, columns) {
  if (Array.isArray(node)) return node.map((item) => fitted(item, factor, wide, columns));
  if (node === null || typeof node !== "object") return node;
  const copy = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "data") copy[key] = value;
    else if (key === "width" && value >= 60) copy[key] = Math.max(40, Math.round(value * factor));
    else if ((key === "minExtent" || key === "labelLimit" || key === "titleX") && Math.abs(value) > 100)
      copy[key] = Math.sign(value) * Math.min(Math.abs(value), Math.round(wide * 0.4));
    else copy[key] = fitted(value, factor, wide, columns);
    if (key === "legend" && value) copy[key].columns = Math.min(value.columns || 9, columns);
  }
  return copy;
}

async function drawAt(element, spec, config, factor, columns) {
  if (element.vegaView) element.vegaView.finalize();
  const wide = room(element, spec);
  const limited = {
    ...config,
    legend: { ...config.legend, labelLimit: wide - 80 },
    title: { ...config.title, limit: wide - 60 },
  };
  for (const axis of ["axisX", "axisYQuantitative"]) limited[axis] = { ...config[axis], titleLimit: wide - 40 };
  const result = await vegaEmbed(element, fitted(spec, factor, wide, columns), {
    config: limited,
    renderer: "canvas",
    actions: { export: true, source: false, compiled: false, editor: false },
    tooltip: { theme: "custom" },
  });
  element.vegaView = await result.view.resize().runAsync();
  const drawn = element.querySelector("canvas, svg");
  return drawn ? drawn.getBoundingClientRect().width : wide;
}

// What stands around the panels is known only once it is drawn, so a second and at most a third try comes nearer. Where a
// legend is what is too wide, it gets fewer columns.
async function fit(element, spec, config) {
  element.chartState.width = element.clientWidth;
  const wanted = element.clientWidth && room(element, spec);
  for (let columns = Math.max(1, Math.floor(wanted / 240)); wanted && columns >= 1; columns -= 1) {
    let factor = (wanted - 90) / FIGURE;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const spare = wanted - (await drawAt(element, spec, config, Math.max(0.1, factor), columns));
      if (spare >= 0 && spare <= 16) return;
      if (spare >= 0 && attempt === 2) return;
      factor += (spare - 4) / FIGURE;
    }
  }
}

const style = document.createElement("style");
style.textContent = ".vega-embed { display: block !important; width: 100%; padding-right: 0 !important; overflow-x: auto; overflow-y: hidden; }";
document.head.append(style);
window.vegaEmbed = vegaEmbed;
window.drawChart = async function drawChart(element, spec, config) {
  element.chartState = { spec, config };
  await fit(element, spec, config);
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
