// Charts drawn when they come near, the theme's switch, queries behind numbers, and the scorecard's filter.
(() => {
  "use strict";
  const root = document.documentElement;
  const themes = JSON.parse(document.getElementById("themes").textContent);
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");

  // ---- charts
  const figures = [...document.querySelectorAll("figure[data-chart]")].filter((f) => f.querySelector("script.spec"));
  const specs = new Map();
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
  function config() {
    const theme = themes[isDark() ? "dark" : "light"];
    return { ...theme, background: "transparent", legend: { ...theme.legend, offset: 30 } }; // clear of the axis title
  }

  const drawing = new Map();
  function draw(figure) {
    const done = drawNow(figure).finally(() => drawing.delete(figure));
    drawing.set(figure, done);
    return done;
  }
  async function drawNow(figure) {
    if (!specs.has(figure)) specs.set(figure, JSON.parse(figure.querySelector("script.spec").textContent));
    figure.dataset.state = "drawing";
    try {
      await drawChart(figure.querySelector(".canvas"), specs.get(figure), config());
      figure.dataset.state = "drawn";
    } catch (error) {
      figure.dataset.state = "failed";
      console.error(`chart ${figure.dataset.chart}: ${error}`);
    }
  }
  const waiting = () => figures.filter((figure) => !figure.dataset.state);
  // One after the other: a reader sees the first ones sooner. Also what a printout needs, and a test.
  window.drawAll = async () => {
    for (const figure of waiting()) await draw(figure);
    await Promise.all(drawing.values());
    return figures.length;
  };
  const near = new IntersectionObserver(
    (entries) => entries.filter((e) => e.isIntersecting && !e.target.dataset.state).forEach((e) => draw(e.target)),
    { rootMargin: "800px 0px" },
  );
  figures.forEach((figure) => near.observe(figure));
  // A print does not wait for drawing. Where one is likely, charts out of sight are drawn while the page is idle.
  addEventListener("beforeprint", () => window.drawAll());
  function drawIdle() {
    const [next] = waiting();
    if (next) requestIdleCallback(() => draw(next).then(drawIdle));
  }
  if (matchMedia("(min-width: 64rem)").matches) addEventListener("load", () => setTimeout(drawIdle, 2000));

  // ---- theme
  const button = document.getElementById("theme");
  const remembered = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  function showTheme() {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
  }
  async function redraw() {
    showTheme();
    for (const figure of figures.filter((f) => f.dataset.state === "drawn")) await draw(figure);
  }
  if (remembered === "dark" || remembered === "light") root.dataset.theme = remembered;
  button.hidden = false;
  showTheme();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* a browser may forbid it to files */ }
    redraw();
  });
  prefersDark.addEventListener("change", () => { if (!root.dataset.theme) redraw(); });

  // ---- the query behind a number: by pointer on the number, by keyboard in the list below each panel
  const dialog = document.getElementById("query");
  const code = dialog.querySelector("code");
  function close() { dialog.hidden = true; document.querySelector(".asked")?.classList.remove("asked"); }
  // A cell of a table has the table's query, the title of a chart the chart's.
  const queryOf = (number) => number.closest("[data-sql]")?.dataset.sql ?? number.closest("figure").querySelector(".about code").textContent;
  function show(number) {
    close();
    number.classList.add("asked");
    code.textContent = queryOf(number);
    dialog.hidden = false;
    const at = number.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left), root.clientWidth - dialog.offsetWidth - 8);
    dialog.style.left = `${left + scrollX}px`;
    dialog.style.top = `${at.bottom + scrollY + 6}px`;
  }
  document.addEventListener("click", (event) => {
    if (dialog.contains(event.target)) return;
    const number = event.target.closest("data.n, .t[data-sql], [data-sql] td, [data-sql] th, h3[data-static='chart']");
    if (number && !number.classList.contains("asked") && !event.target.closest("summary, a")) show(number);
    else close();
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  dialog.querySelector(".close").addEventListener("click", close);
  dialog.querySelector(".copy").addEventListener("click", async (event) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      event.target.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      event.target.textContent = "Selected";
    }
    setTimeout(() => { event.target.textContent = "Copy"; }, 1500);
  });
  for (const origin of document.querySelectorAll("details.origin")) {
    origin.addEventListener("toggle", () => {
      const list = origin.querySelector(".queries");
      if (!origin.open || list.childElementCount) return;
      const panel = origin.parentElement;
      for (const number of panel.querySelectorAll("data.n")) {
        const line = document.createElement("p");
        const value = number.cloneNode(true);
        const query = document.createElement("code");
        query.textContent = number.dataset.sql;
        line.append(value, " ", query);
        list.append(line);
      }
    });
  }

  // ---- a link into something folded opens it
  function unfold() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", unfold);
  unfold();

  // ---- scorecard
  const form = document.querySelector("form.filter");
  if (form) {
    const [link, verdict] = form.querySelectorAll("select");
    const filter = () => {
      let left = 0;
      for (const claim of document.querySelectorAll(".claim")) {
        const isShown =
          (!link.value || claim.dataset.link === link.value) && (!verdict.value || claim.dataset.verdict === verdict.value);
        claim.hidden = !isShown;
        left += isShown ? 1 : 0;
      }
      document.getElementById("none-left").hidden = left > 0;
    };
    form.addEventListener("change", filter);
    form.addEventListener("reset", () => setTimeout(filter));
    form.addEventListener("submit", (event) => event.preventDefault());
  }
})();
