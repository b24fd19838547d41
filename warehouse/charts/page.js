// Draws a chart into an element as wide as the element is, again whenever its width changes.
// drawChart(element, spec, config) -> Promise of the Vega view; config is theme(dark) of warehouse.charts.
// A spec holds panel widths in pixels for a figure of 760; axes and margins around the panels keep their size.
const FIGURE = 760;

function scaled(node, factor) {
  if (Array.isArray(node)) return node.map((item) => scaled(item, factor));
  if (node === null || typeof node !== "object") return node;
  const copy = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "data" || key === "datasets") copy[key] = value;
    else if (key === "width" && typeof value === "number" && value >= 60) copy[key] = Math.max(40, Math.round(value * factor));
    else copy[key] = scaled(value, factor);
  }
  return copy;
}

async function drawAt(element, spec, config, factor) {
  if (element.vegaView) element.vegaView.finalize();
  const result = await vegaEmbed(element, scaled(spec, factor), {
    config,
    renderer: "canvas",
    actions: { export: true, source: false, compiled: false, editor: false },
    tooltip: { theme: "custom" },
  });
  element.vegaView = result.view;
  const drawn = element.querySelector("canvas, svg");
  return drawn ? drawn.getBoundingClientRect().width : 0;
}

async function fit(element, spec, config) {
  const wanted = element.clientWidth;
  if (!wanted) return;
  const guess = Math.max(0.2, (wanted - 90) / FIGURE);
  const width = await drawAt(element, spec, config, guess);
  const better = Math.max(0.2, guess + (wanted - width) / FIGURE);
  if (width > wanted || wanted - width > 12) await drawAt(element, spec, config, better - 0.002);
}

const style = document.createElement("style");
style.textContent = ".vega-embed { display: block !important; width: 100%; padding-right: 0 !important; }";
document.head.append(style);
window.vegaEmbed = vegaEmbed;
window.drawChart = async function drawChart(element, spec, config) {
  element.chartState = { spec, config };
  await fit(element, spec, config);
  if (!element.chartObserver) {
    let known = element.clientWidth;
    const again = lodashDebounce(() => {
      if (Math.abs(element.clientWidth - known) < 2) return;
      known = element.clientWidth;
      fit(element, element.chartState.spec, element.chartState.config);
    }, 150);
    element.chartObserver = new ResizeObserver(again);
    element.chartObserver.observe(element);
  }
  return element.vegaView;
};
